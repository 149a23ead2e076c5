"""massivesms inbound: what people wrote, for people and for programs."""

from __future__ import annotations

import pytest

from massivesms.store import inbound
from massivesms.store.db import Database
from massivesms.store.inbound import NewInbound
from tests.cli.conftest import Run
from tests.store import examples

ANA, BEA = "+34600111222", "+34600111333"


@pytest.fixture(autouse=True)
def _came(db: Database, spain: None) -> None:
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx, "Operadora")
        campaign_id = examples.campaign(tx, "Oferta", 1)
        (message_id,) = tx.tuples("SELECT id FROM message")[0]
        tx.execute("UPDATE message SET number = %s, state = 'submitted'", (ANA,))
        assert campaign_id and message_id
        inbound.add(tx, NewInbound(trunk_id, ANA, ANA, "5000", "Sí\n\x1b[31m"))
        inbound.add(tx, NewInbound(99, BEA, BEA, "5000", "No"))
        inbound.add(tx, NewInbound(99, "", "BANCO", "5000", "Clave"))
        sql = "UPDATE inbound_message SET received_at = %s WHERE number = %s"
        tx.execute(sql, ("2026-02-03 22:00:00", ANA))
        tx.execute(sql, ("2026-02-03 22:30:00", BEA))


def test_the_newest_come_first_each_on_a_line(process: Run) -> None:
    lines = process("inbound").done().out.splitlines()
    assert [line.partition("  ")[2] for line in lines] == [
        "BANCO: Clave",
        f"{BEA}: No",
        f"{ANA}: Sí\\n\\x1b[31m",
    ]
    assert lines[1].startswith("2026-02-03 23:30:00")


def test_each_is_an_object_with_the_last_message_sent(run: Run) -> None:
    name, other, one = run("inbound", "--json").done().json_lines
    assert (name["number"], name["sender"]) == (None, "BANCO")
    assert (other["trunk"], other["last_sent"]) == (None, None)
    assert other["received_at"] == "2026-02-03T22:30:00+00:00"
    assert one["text"] == "Sí\n\x1b[31m"
    assert (one["trunk"], one["to"], one["parts"]) == ("Operadora", "5000", 1)
    assert (one["incomplete"], one["unreadable"], one["handled"]) == (
        False,
        False,
        None,
    )
    assert one["last_sent"]["campaign"] == "Oferta"
    assert one["last_sent"]["state"] == "submitted"


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        (("--number", "600 111 333"), ["No"]),
        (("--trunk", "Operadora"), ["Sí\n\x1b[31m"]),
        (("--since", "2026-02-03 23:30"), ["Clave", "No"]),
        (("--since", "2026-02-03 23:31"), ["Clave"]),
        (("--since", "2026-02-03"), ["Clave", "No", "Sí\n\x1b[31m"]),
        (("--since", "2026-02-04", "--limit", "1"), ["Clave"]),
    ],
)
def test_some_are_chosen(run: Run, options: tuple[str, ...], texts: list[str]) -> None:
    found = run("inbound", *options, "--json").done().json_lines
    assert [one["text"] for one in found] == texts


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    run("inbound", "--since", "yesterday").refused("write a time as YYYY-MM-DD HH:MM")
    run("inbound", "--number", "12").refused("12:")
    run("inbound", "--trunk", "None such").refused("None such")
