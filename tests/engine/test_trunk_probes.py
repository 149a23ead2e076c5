"""Probes through the engine: what the console and the command line say of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms.commands import trunk_test
from massivesms.domain import alphabet_probe, probes
from massivesms.domain import settings as product_settings
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.probes import Probe
from massivesms.domain.singles import Single, check_single
from massivesms.store import doubt_rules, services, trunk_probes, trunk_tests
from massivesms.store import settings as stored_settings
from massivesms.store.db import Row, Transaction
from tests.cli.conftest import in_process
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.modem.behaviour import Behaviour as ModemBehaviour
from tests.fakes.modem.server import Modem
from tests.fakes.providers import SECRET, USER, Twilio
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.trunks.http_world import PRESETS

NUMBER = "600111222"


@pytest.fixture(autouse=True)
def spain(world: World) -> None:
    world.set(country_code="34", webhook_hosts="127.0.0.1")


def ask(world: World, trunk_id: int, text: str = "", number: str = NUMBER) -> int:
    """Sends a probe as the console does; its id."""
    trunk = world.trunk_row(trunk_id)
    plan = product_settings.read(world.db.atomically(stored_settings.load)).number_plan
    text = text or alphabet_probe.probe_text(trunk["kind"], trunk["settings"])
    single = check_single(number, text, "", plan)
    assert isinstance(single, Single), single
    return world.db.atomically(lambda tx: trunk_probes.request(tx, trunk, single, ANA))


def read(world: World, trunk_id: int, probe_id: int) -> Probe:
    trunk = world.trunk_row(trunk_id)
    found = world.db.atomically(
        lambda tx: trunk_probes.of_trunk(tx, trunk, trunk_probes.by_id(tx, probe_id))
    )
    assert found is not None
    return found


def said(probe: Probe) -> str:
    return "\n".join(step.words.text.strip() for step in probes.steps(probe))


def until_over(world: World, trunk_id: int, probe_id: int) -> Probe:
    def look() -> Probe:
        return read(world, trunk_id, probe_id)

    wait_until(lambda: not look().is_open, 15, lambda: said(look()))
    return look()


def test_smpp_tells_answer_alphabet_receipt_and_its_id(
    world: World, engine: Engine
) -> None:
    receipts = Receipts(id_form="decimal", tlvs=False)
    with Smsc(Behaviour(receipts=receipts, message_id_form="hex")) as smsc:
        trunk_id = world.trunk("one", smsc, values={"receipts": "yes"})
        # Ids of one digit are written alike in every notation.
        before = world.campaign("c", numbered(30))
        world.wait_for_counts(before, {"delivered": 30})
        probe = until_over(world, trunk_id, ask(world, trunk_id))
        words = said(probe)
        [got] = [one for one in smsc.messages() if one.number.endswith(NUMBER)]
    assert got.text == "@£$€{}[]ñÇ_ massivesms"
    assert (got.data_coding, probe.state) == (0, "delivered")
    assert f"with the id {probe.row['smsc_message_id']}." in words
    assert "All of these characters were accepted: @ £ $ €" in words
    # The operator repeats what it has read, not our octets: it reads GSM 7-bit.
    assert "The characters arrive as they were written" in words
    assert "The receipt says that it arrived" in words
    assert "decimal, answers hexadecimal" in words


def test_a_receipt_that_came_before_its_answer_is_heard_too(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(receipts=Receipts(before_answer=True))) as smsc:
        trunk_id = world.trunk("one", smsc)
        probe = until_over(world, trunk_id, ask(world, trunk_id))
    assert probe.row["receipt_id"] == probe.row["smsc_message_id"]


def test_a_receipt_of_no_message_is_named(world: World, engine: Engine) -> None:
    receipts = Receipts(id_form="decimal")
    with Smsc(Behaviour(receipts=receipts)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"receipt_ids": "raw"})
        before = world.campaign("c", numbered(30))
        world.wait_for_counts(before, {"submitted": 21, "delivered": 9})
        world.db.atomically(lambda tx: tx.execute("DELETE FROM receipt"))
        probe_id = ask(world, trunk_id)

        def look() -> str:
            return said(read(world, trunk_id, probe_id))

        wait_until(lambda: world.ask("SELECT COUNT(*) FROM receipt") == 1, 15, look)
        assert "which is that of no message" not in look()  # it may still meet it
        for table, at in (("trunk_probe", "requested_at"), ("receipt", "received_at")):
            sql = f"UPDATE {table} SET {at} = {at} - INTERVAL 2 MINUTE"
            world.db.atomically(lambda tx, one=sql: tx.execute(one))  # type: ignore[misc]
        assert "which is that of no message" in look()


def test_a_refusal_is_said_in_words_and_nothing_is_sent_again(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(reject={"600111222": 0x0B})) as smsc:
        trunk_id = world.trunk("one", smsc)
        probe = until_over(world, trunk_id, ask(world, trunk_id))
        assert len(smsc.submissions) == 1
    assert not probe.is_good
    assert "It was not taken. The operator" in said(probe)


def test_without_an_answer_it_is_in_doubt_and_sent_once(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        values = {"answer_timeout_s": "2"}
        trunk_id = world.trunk("one", smsc, values=values)
        probe = until_over(world, trunk_id, ask(world, trunk_id))
        assert len(smsc.submissions) == 1
    assert probe.state == "in_doubt"
    assert "nobody can say whether it was taken" in said(probe)


def test_no_rule_sends_a_probe_in_doubt_again(world: World) -> None:
    with Smsc() as smsc:
        trunk_id = world.trunk("one", smsc)
    ask(world, trunk_id)
    world.single("+34600111223", "Hola")

    def decide(tx: Transaction, rule: str) -> int:
        tx.execute(
            "UPDATE message SET state = 'in_doubt', settled_at = '2026-01-01'"
            " WHERE state = 'queued'"
        )
        return doubt_rules.apply(tx, OUTPUT_QUEUE_ID, rule)

    assert world.db.atomically(lambda tx: decide(tx, "resend")) == 1
    sql = "SELECT state FROM message m JOIN trunk_probe p ON p.message_id = m.id"
    assert world.ask(sql) == "in_doubt"
    assert world.db.atomically(lambda tx: decide(tx, "assume_sent")) == 2


def test_what_comes_from_the_number_afterwards_is_shown(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(replies={"600111222": "Se ve bien"})) as smsc:
        trunk_id = world.trunk("one", smsc)
        probe_id = ask(world, trunk_id, "Hola", "+34" + NUMBER)

        def look() -> str:
            return said(read(world, trunk_id, probe_id))

        wait_until(lambda: "came since: Se ve bien" in look(), 15, look)
    assert "characters" not in look()


def test_a_script_takes_it_and_has_no_receipts(world: World, engine: Engine) -> None:
    file = world.config.scripts_dir / "send.sh"
    file.write_text("#!/bin/sh\necho '0;sent;0;0'\n")
    file.chmod(0o755)
    trunk_id = world.trunk("one", values={"script": "send.sh"})
    probe = until_over(world, trunk_id, ask(world, trunk_id))
    assert probe.is_good
    assert "No receipt is to be expected" in said(probe)


def test_a_provider_over_http_answers(world: World, engine: Engine) -> None:
    with Twilio() as fake:
        url = fake.base + "/2010-04-01/Accounts/{user}/Messages.json"
        given = {"url": url, "user": USER, "secret": SECRET, "receipts": "none"}
        values = {**PRESETS["Twilio"], **given}
        trunk_id = world.trunk("web", values=values, sender_id="Shop")
        probe = until_over(world, trunk_id, ask(world, trunk_id, number="+34" + NUMBER))
        assert len(fake.taken) == 1
    assert "with the id SM" in said(probe)


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem(ModemBehaviour(reports=0)) as modem:
        yield modem


def test_a_modem_sends_it_and_its_report_is_the_receipt(
    world: World, engine: Engine, modem: Modem
) -> None:
    trunk_id = world.trunk("stick", kind="modem", values={"port": modem.path})
    probe = until_over(world, trunk_id, ask(world, trunk_id))
    assert [one.text for one in modem.sent] == ["@£$€{}[]ñÇ_ massivesms"]
    assert "The receipt says that it arrived" in said(probe)


def test_a_modem_that_the_service_has_open_is_not_opened_twice(
    world: World, engine: Engine, modem: Modem
) -> None:
    trunk_id = world.trunk("stick", kind="modem", values={"port": modem.path})
    world.wait_for_session(trunk_id, "ready")
    test_id = world.db.atomically(lambda tx: trunk_tests.request(tx, trunk_id, "ana"))
    found: Row = {}

    def is_done() -> bool:
        found.update(
            world.db.atomically(lambda tx: trunk_tests.by_id(tx, test_id)) or {}
        )
        return found["state"] == "done"

    wait_until(is_done, 15)
    codes = [code for code, _ in found["steps"]]
    assert found["passed"] == 1, found
    assert "modem_found" in codes
    assert codes[-1] == "session_open"


def test_it_is_audited_without_number_and_text(world: World, engine: Engine) -> None:
    with Smsc() as smsc:
        trunk_id = world.trunk("one", smsc)
        ask(world, trunk_id, "Secreto")
    sql = "SELECT * FROM audit WHERE action = 'trunk.probe'"
    [row] = world.db.atomically(lambda tx: tx.rows(sql))
    assert row["subject"] == "one"
    assert "600111222" not in str(row) and "Secreto" not in str(row)


class TestCommand:
    """massivesms trunk test NAME --to NUMBER"""

    @pytest.fixture
    def file(self, world: World, engine: Engine) -> Path:
        """With the service running."""
        wait_until(lambda: world.db.atomically(services.running), 15)
        return world.config.file

    def test_it_sends_once_and_says_each_step(self, world: World, file: Path) -> None:
        with Smsc(Behaviour(receipts=Receipts())) as smsc:
            world.trunk("one", smsc)
            ran = in_process("--config", file, "trunk", "test", "one", "--to", NUMBER)
            assert ran.done().out.count("The operator took it after") == 1
            assert "it arrived" in ran.out
            assert len(smsc.submissions) == 1

    def test_json_has_what_was_found(self, world: World, file: Path) -> None:
        with Smsc(Behaviour(receipts=Receipts())) as smsc:
            world.trunk("one", smsc)
            words = ("trunk", "test", "one", "--to", NUMBER, "--json")
            found = in_process("--config", file, *words).done().json
        assert (found["passed"], found["state"]) == (True, "delivered")
        assert found["alphabet"] == "gsm7"
        assert found["receipt_id"] == found["smsc_message_ids"][0]

    def test_a_refusal_is_one_clear_line(self, world: World, file: Path) -> None:
        with Smsc(Behaviour(reject={"600111222": 0x0B})) as smsc:
            world.trunk("one", smsc)
            words = ("trunk", "test", "one", "--to", NUMBER, "--text", "Hola")
            in_process("--config", file, *words).refused("not taken")

    def test_it_is_sent_also_when_no_receipt_is_waited_for(
        self, world: World, file: Path
    ) -> None:
        with Smsc() as smsc:
            world.trunk("one", smsc, values={"receipts": "yes"})
            words = ("trunk", "test", "one", "--to", NUMBER, "--wait", "0")
            ran = in_process("--config", file, *words).done()
            assert "The operator took it after" in ran.out
            assert len(smsc.submissions) == 1
        assert world.ask("SELECT state FROM message") == "submitted"

    def test_what_still_waits_is_taken_back_at_the_end(
        self, world: World, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trunk_test, "LEAVES_S", 1.0)
        with Smsc() as smsc:
            world.set(sending="no")
            world.trunk("one", smsc)
            words = ("trunk", "test", "one", "--to", NUMBER)
            in_process("--config", file, *words).refused("It did not leave.")
            assert smsc.submissions == []
        assert world.ask("SELECT state FROM message") == "cancelled"

    def test_without_the_service_nothing_is_written(self, world: World) -> None:
        file = world.config.file
        with Smsc() as smsc:
            world.trunk("one", smsc)
            words = ("trunk", "test", "one", "--to", NUMBER)
            in_process("--config", file, *words).refused("nothing was sent")
        assert world.ask("SELECT COUNT(*) FROM message") == 0

    def test_a_text_without_a_number_is_wrong_usage(
        self, world: World, file: Path
    ) -> None:
        words = ("trunk", "test", "one", "--text", "Hola")
        in_process("--config", file, *words).misused("--to")

    def test_a_modem_in_use_is_tried_by_the_service(
        self, world: World, file: Path, modem: Modem
    ) -> None:
        trunk_id = world.trunk("stick", kind="modem", values={"port": modem.path})
        world.wait_for_session(trunk_id, "ready")
        ran = in_process("--config", file, "trunk", "test", "stick").done()
        assert "The service has it open" in ran.out
