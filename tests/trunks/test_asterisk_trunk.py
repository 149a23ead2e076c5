"""An Asterisk as a trunk, over a real socket."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Rejected,
    TrunkDown,
)
from massivesms.trunks.asterisk import hearing, session
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from tests.fakes.asterisk.pbx import SECRET, Behaviour, Modem
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]
LONG = "Señor cliente, mañana estaremos cerrados por inventario. " * 5


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


@pytest.fixture
def driver(asterisk: Asterisk, drive: Drive) -> Driver:
    return opened(asterisk, drive)


def at(asterisk: Asterisk, **values: str) -> TrunkSettings:
    return settings("asterisk", **(asterisk.values | values))


def opened(asterisk: Asterisk, drive: Drive, **values: str) -> Driver:
    driver = drive(at(asterisk, **values))
    driver.open()
    return driver


def two_seconds(values: TrunkSettings, key: str) -> int:
    """Every number of the settings but the port is 2."""
    return int(values.values[key]) if key == "port" else 2


def refused_opening(
    asterisk: Asterisk, drive: Drive, **values: str
) -> tuple[str, bool]:
    with pytest.raises(TrunkUnavailable) as caught:
        opened(asterisk, drive, **values)
    return caught.value.code, caught.value.needs_person


# --- sending ---


@pytest.mark.parametrize("name", ["Dongle", "Quectel"])
@pytest.mark.parametrize("auth", ["md5", "plain"])
def test_a_message_leaves_with_its_text_number_and_payload(
    name: str, auth: str, drive: Drive
) -> None:
    with Asterisk(Behaviour(driver=name)) as asterisk:
        driver = opened(asterisk, drive, auth=auth)
        driver.send(submission(1, "¿Mañana a las 5?\nSí \\ no"))
        driver.until(lambda: driver.outcomes)
        (sent,) = asterisk.sent
        assert (sent.number, sent.text) == (
            "+34600111222",
            "¿Mañana a las 5?\nSí \\ no",
        )
        assert (sent.report, sent.validity) == ("yes", "4320")
        assert sent.payload == "massivesms/7/1/34600111222"
        assert driver.outcomes == {1: Accepted(("ami-1",))}
        driver.close()


def test_a_long_text_is_one_action(asterisk: Asterisk, driver: Driver) -> None:
    driver.send(submission(1, LONG))
    driver.until(lambda: driver.outcomes)
    assert [one.text for one in asterisk.sent] == [LONG]


@pytest.mark.parametrize(("seconds", "minutes"), [(3600, "60"), (5, "1"), (119, "1")])
def test_it_is_valid_no_longer_than_was_asked(
    asterisk: Asterisk, driver: Driver, seconds: int, minutes: str
) -> None:
    driver.send(submission(1)._replace(validity_s=seconds))
    driver.until(lambda: driver.outcomes)
    assert asterisk.sent[0].validity == minutes


def test_opening_says_who_answers_and_how_the_modem_is(driver: Driver) -> None:
    assert driver.steps[1:] == [
        ("asterisk_connected", "Asterisk Call Manager/9.0.0"),
        ("asterisk_version", "20.9.3"),
        ("asterisk_device_ready", "dongle0 (Movistar, -71 dBm)"),
    ]


def test_several_modems_take_turns_and_each_has_one_message(drive: Drive) -> None:
    modems = [Modem("a"), Modem("b"), Modem("c")]
    with Asterisk(Behaviour(modems=modems, holds=True)) as asterisk:
        driver = opened(asterisk, drive)
        assert driver.session.window == 3
        driver.send(*(submission(n) for n in range(1, 6)))
        asterisk.wait_for(lambda: len(asterisk.sent) == 3)
        driver.poll()
        assert [one.device for one in asterisk.sent] == ["a", "b", "c"]
        asterisk.pbx.finish(asterisk.sent[1], success=True)
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {2: Accepted(("ami-2",))}
        asterisk.wait_for(lambda: len(asterisk.sent) == 4)
        assert asterisk.sent[3].device == "b"
        for one in (asterisk.sent[0], asterisk.sent[2], asterisk.sent[3]):
            asterisk.pbx.finish(one, success=True)
        driver.until(lambda: len(driver.outcomes) == 4)
        driver.close()


@pytest.mark.parametrize("reports", ["yes", "no"])
def test_it_is_sent_when_the_driver_has_nothing_left_to_do(
    drive: Drive, reports: str
) -> None:
    behaviour = Behaviour(holds=True, reports_at_once=False)
    with Asterisk(behaviour) as asterisk:
        driver = opened(asterisk, drive, reports=reports)
        driver.send(submission(1))
        asterisk.wait_for(lambda: asterisk.sent)
        looks = "DongleShowDevices"
        driver.until(lambda: asterisk.pbx.seen.count(looks) >= 3)
        assert driver.outcomes == {}  # its driver has it still
        asterisk.pbx.finish(asterisk.sent[0], success=True)
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {1: Accepted(("ami-1",))}
        assert driver.receipts == []
        driver.close()


def test_without_events_an_empty_queue_says_nothing(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", two_seconds)
    with Asterisk(Behaviour(read=())) as asterisk:
        driver = opened(asterisk, drive)
        asterisk.behaviour.faults = ["error"]  # nobody is told of it
        driver.send(submission(1))
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {1: InDoubt("asterisk_no_events", "dongle0")}
        driver.close()


def test_a_receipt_is_proof_enough_that_events_are_heard(drive: Drive) -> None:
    with Asterisk(Behaviour(is_busy=False, reports_at_once=False)) as asterisk:
        driver = opened(asterisk, drive)
        driver.send(submission(1), submission(2))
        looks = "DongleShowDevices"
        driver.until(lambda: asterisk.pbx.seen.count(looks) >= 4)
        assert driver.outcomes == {}
        asterisk.pbx.report(asterisk.sent[0], 1, success=True, codes="000,")
        driver.until(lambda: len(driver.outcomes) == 2)
        assert all(isinstance(one, Accepted) for one in driver.outcomes.values())
        assert len(driver.receipts) == 1
        driver.close()


@pytest.mark.parametrize("success", [True, False])
def test_drivers_of_before_2020_tell_by_the_id(drive: Drive, success: bool) -> None:
    behaviour = Behaviour(is_old=True, holds=True)
    with Asterisk(behaviour) as asterisk:
        driver = opened(asterisk, drive, escapes="no")
        driver.send(submission(1, "50 % \\ 2"))
        asterisk.wait_for(lambda: asterisk.sent)
        asterisk.pbx.event("DongleSMSStatus", ("Device", "dongle0"), ("ID", "0x1"),
                           ("Status", "NotSent"))  # fmt: skip
        asterisk.pbx.finish(asterisk.sent[0], success=success)
        driver.until(lambda: driver.outcomes)
        assert asterisk.sent[0].text == "50 % \\ 2"
        doubt = InDoubt("asterisk_modem_refused", "dongle0")
        assert driver.outcomes == {1: Accepted(("ami-1",)) if success else doubt}
        driver.close()


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("said", "code", "decision"),
    [
        ("Invalid destination number", "asterisk_number", Decision.FAIL),
        ("Error adding SMS commands to queue", "asterisk_queue", Decision.RETRY),
        ("Something new", "asterisk_refused", Decision.NEXT_ONCE),
        ("Permission denied", "asterisk_permission", Decision.STOP_TRUNK),
    ],
)
def test_what_asterisk_refuses_at_once_becomes_a_decision(
    asterisk: Asterisk, driver: Driver, said: str, code: str, decision: Decision
) -> None:
    asterisk.behaviour.faults = [said]
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    found = driver.outcomes[1]
    assert isinstance(found, Rejected)
    assert (found.code, found.decision) == (code, decision)
    assert isinstance(driver.outcomes[2], Accepted)
    assert len(asterisk.sent) == 1


def test_a_modem_without_network_is_left_out_and_nothing_is_lost(drive: Drive) -> None:
    modems = [Modem("a"), Modem("b")]
    with Asterisk(Behaviour(modems=modems)) as asterisk:
        driver = opened(asterisk, drive)
        modems[0].state = "GSM not registered"
        driver.send(submission(1), submission(2))
        driver.until(lambda: len(driver.outcomes) == 2)
        assert [one.device for one in asterisk.sent] == ["b", "b"]
        assert all(isinstance(one, Accepted) for one in driver.outcomes.values())
        driver.close()


def test_when_no_modem_can_send_everything_goes_back(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.modems[0].state = "Not connected"
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    assert all(isinstance(one, TrunkDown) for one in driver.outcomes.values())
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert caught.value.code == "asterisk_no_device"
    assert not caught.value.needs_person
    assert asterisk.sent == []


def test_no_answer_to_what_left_is_in_doubt(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 0.2)
    asterisk.behaviour.faults = ["silent"]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: InDoubt("asterisk_no_answer")}


@pytest.mark.parametrize("fault", ["hang_up", "hang_up_after"])
def test_a_connection_that_breaks_leaves_in_doubt_what_was_given(
    asterisk: Asterisk, driver: Driver, fault: str
) -> None:
    asterisk.behaviour.faults = [fault]
    asterisk.behaviour.holds = True
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    first, second = driver.outcomes[1], driver.outcomes[2]
    assert isinstance(first, InDoubt)
    assert first.code in ("asterisk_no_answer", "asterisk_gone")
    assert isinstance(second, TrunkDown)
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert caught.value.code == "asterisk_closed"


def test_a_modem_that_goes_away_with_the_message_leaves_it_in_doubt(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["lost"]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    found = driver.outcomes[1]
    assert isinstance(found, InDoubt)
    assert found.code == "asterisk_device_lost"


def test_a_modem_that_never_comes_to_it_leaves_it_in_doubt(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", lambda self, key: 1)
    asterisk.behaviour.holds = True
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: InDoubt("asterisk_unconfirmed", "dongle0")}


def test_errors_of_the_modem_are_in_doubt_and_five_in_a_row_stop_the_trunk(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["error"] * 5
    driver.send(*(submission(n) for n in range(1, 8)))
    driver.until(lambda: len(driver.outcomes) == 7)
    codes = [driver.outcomes[n].code for n in range(1, 6)]  # type: ignore[union-attr]
    assert codes == ["asterisk_modem_refused"] * 5
    assert isinstance(driver.outcomes[7], TrunkDown)
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert (caught.value.code, caught.value.needs_person) == ("asterisk_refusing", True)
    assert len(asterisk.sent) == 5


def test_a_text_that_no_line_can_carry_never_leaves(
    asterisk: Asterisk, driver: Driver
) -> None:
    driver.send(submission(1, "ñandú " * 200))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {
        1: Rejected("asterisk_too_long", "", Decision.NEXT_TRUNK)
    }
    assert "DongleSendSMS" not in asterisk.pbx.seen


def test_lines_are_not_given_to_a_driver_that_takes_one(
    asterisk: Asterisk, drive: Drive
) -> None:
    driver = opened(asterisk, drive, escapes="no")
    driver.send(submission(1, "uno\r\nAction: Command\r\nCommand: core stop now"))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: Rejected("asterisk_lines", "", Decision.NEXT_TRUNK)}
    assert "Command" not in asterisk.pbx.seen


def test_closing_waits_for_the_modem_and_gives_the_rest_back(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.holds = True
    driver.send(submission(1), submission(2))
    asterisk.wait_for(lambda: asterisk.sent)
    driver.close(0.1)
    assert driver.outcomes == {
        1: InDoubt("service_died"),
        2: TrunkDown("service_stopped"),
    }


# --- opening ---


@pytest.mark.parametrize(
    ("behaviour", "code", "needs_person"),
    [
        (Behaviour(secret="other"), "asterisk_login", True),
        (Behaviour(in_use=True), "asterisk_in_use", False),
        (Behaviour(banner="220 mail ESMTP"), "asterisk_no_manager", False),
        (Behaviour(write=("call",)), "asterisk_action_missing", False),
        (Behaviour(modules=()), "asterisk_action_missing", False),
        (Behaviour(modems=[Modem("x")]), "asterisk_no_device", False),
        (Behaviour(modems=[Modem("dongle0", "Stopped")]), "asterisk_no_device", False),
    ],
    ids=["secret", "in use", "no Asterisk", "class", "module", "device", "stopped"],
)
def test_what_is_wrong_is_said_when_it_is_opened(
    drive: Drive, behaviour: Behaviour, code: str, needs_person: bool
) -> None:
    with Asterisk(behaviour) as asterisk:
        given = {"secret": SECRET, "devices": "dongle0"}
        assert refused_opening(asterisk, drive, **given) == (code, needs_person)


def test_nobody_at_the_port_is_said(drive: Drive) -> None:
    with Asterisk() as asterisk:
        gone = at(asterisk)
    with pytest.raises(TrunkUnavailable) as caught:
        drive(gone).open()
    assert caught.value.code == "connection_refused"


def test_a_trial_sends_nothing_and_hides_the_secret(asterisk: Asterisk) -> None:
    passed, steps = try_out(at(asterisk))
    assert passed
    assert steps[-1][0] == "asterisk_device_ready"
    assert asterisk.sent == []
    assert SECRET not in str(steps)
    assert SECRET not in repr(at(asterisk))


def test_a_trial_says_which_modem_is_the_trouble() -> None:
    modems = [Modem("a", "GSM not registered"), Modem("b", "Not initialized")]
    with Asterisk(Behaviour(modems=modems)) as asterisk:
        passed, steps = try_out(at(asterisk, devices="a, b, c"))
    assert not passed
    assert [code for code, _ in steps[3:]] == [
        "asterisk_device_no_network",
        "asterisk_device_starting",
        "asterisk_device_unknown",
        "asterisk_no_device",
    ]


def test_asterisk_that_falls_silent_is_noticed(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ALIVE_S", 0.2)
    monkeypatch.setattr(session, "ALIVE_ANSWER_S", 0.2)
    with Asterisk(Behaviour(ignores_ping=True)) as asterisk:
        driver = opened(asterisk, drive)
        with pytest.raises(TrunkUnavailable) as caught:
            driver.until(lambda: False)
        assert caught.value.code == "asterisk_silent"


# --- what comes ---


def test_receipts_come_by_the_payload_of_this_trunk_only(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.reports_at_once = False
    driver.send(submission(1), submission(2), submission(3))
    driver.until(lambda: len(driver.outcomes) == 3)
    first, second, third = asterisk.sent
    foreign = [("Payload", "massivesms/8/1/34600"), ("Success", "1"), ("Type", "1")]
    asterisk.pbx.event("DongleReport", ("Device", "dongle0"), *foreign)
    asterisk.pbx.report(first, 1, success=True, codes="000,")
    asterisk.pbx.report(second, 1, success=False, codes="000,065,")
    asterisk.pbx.report(third, 2, success=False)  # the driver waits no longer
    asterisk.pbx.report(third, 1, success=False, codes="070,")
    driver.until(lambda: len(driver.receipts) == 3)
    told = [(r.smsc_message_id, r.state, r.error, r.number) for r in driver.receipts]
    assert told == [
        ("ami-1", "delivered", "", "34600111222"),
        ("ami-2", "undelivered", "0x41", "34600111222"),
        ("ami-3", "expired", "0x46", "34600111222"),
    ]


def test_an_error_that_is_told_after_all_becomes_a_receipt(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.reports_at_once = False
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    asterisk.pbx.report(asterisk.sent[0], 0, success=False)
    driver.until(lambda: driver.receipts)
    assert driver.receipts[0].state == "rejected"


@pytest.mark.parametrize("text", ["Sí, iré", "dos\nlíneas", "👍", "x" * 500])
def test_a_message_that_comes_is_told_once(
    asterisk: Asterisk, driver: Driver, text: str
) -> None:
    asterisk.deliver("dongle0", "+34600111222", text)
    asterisk.deliver("other", "+34600111222", "not ours")
    asterisk.deliver_base64("dongle0", "VODAFONE", "no base64!")
    driver.until(lambda: len(driver.incoming) == 2)
    first, second = driver.incoming
    assert (first.sender, first.text, first.unreadable) == ("+34600111222", text, False)
    assert (second.sender, second.unreadable) == ("VODAFONE", True)


def test_a_message_told_in_lines_only_is_taken_too(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PLAIN_S", 0.1)
    sender = ("From", "+34600111222")
    lines = [("LineCount", "2"), ("MessageLine0", "uno"), ("MessageLine1", "dos")]
    asterisk.pbx.event("DongleNewSMS", ("Device", "dongle0"), sender, *lines)
    driver.until(lambda: driver.incoming)
    assert driver.incoming[0].text == "uno\ndos"


def test_what_could_not_be_stored_is_told_again(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "AGAIN_S", 0.1)
    driver.answers_receipts = False
    asterisk.deliver("dongle0", "+34600111222", "Hola")
    driver.until(lambda: driver.incoming)
    driver.session.acknowledge(driver.incoming[0], False)
    driver.until(lambda: len(driver.incoming) == 2)
    assert driver.incoming[0] == driver.incoming[1]


def test_events_of_a_busy_pbx_disturb_nobody(
    asterisk: Asterisk, driver: Driver
) -> None:
    for n in range(500):
        asterisk.pbx.event(
            "Newchannel", ("Channel", f"PJSIP/{n}"), ("Uniqueid", str(n))
        )
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: Accepted(("ami-1",))}


# --- SIP MESSAGE ---


def test_a_sip_message_is_handed_over(asterisk: Asterisk, drive: Drive) -> None:
    driver = opened(
        asterisk, drive, driver="sip", devices="",
        sip_to="pjsip:provider/sip:{e164}@sip.example", sip_from="sip:{sender}@pbx",
    )  # fmt: skip
    assert driver.steps[-1][0] == "asterisk_sip_ready"
    text = "¡Hola!\r\nAction: Command"
    driver.send(submission(1, text), submission(2, sender=""))
    driver.until(lambda: len(driver.outcomes) == 2)
    assert driver.outcomes == {1: Accepted(()), 2: Accepted(())}
    first, second = asterisk.pbx.messages
    assert first["To"] == "pjsip:provider/sip:+34600111222@sip.example"
    assert first["From"] == "sip:Empresa@pbx"
    assert base64.b64decode(first["Base64Body"]).decode() == text
    assert "From" not in second


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("Message failed to send.",
         Rejected("asterisk_not_sent", "Message failed to send.", Decision.NEXT_ONCE)),
        ("hang_up", InDoubt("asterisk_no_answer")),
    ],
)  # fmt: skip
def test_a_sip_message_that_is_not_handed_over(
    asterisk: Asterisk, drive: Drive, fault: str, expected: object
) -> None:
    driver = opened(asterisk, drive, driver="sip")
    asterisk.behaviour.faults = [fault]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: expected}
