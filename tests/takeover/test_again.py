"""A take-over that is run again: what is new comes, nothing is touched twice."""

from __future__ import annotations

from tests.takeover.conftest import Original, Query, Take
from tests.takeover.looking import everything, notes, trunk_id


def test_a_second_run_takes_nothing_and_touches_nothing(
    take: Take, query: Query
) -> None:
    first = take("--json").done().json
    query("UPDATE campaign SET name = 'Ours now', paused = 0 WHERE name = 'Rebajas'")
    query("UPDATE trunk SET priority = 9 WHERE name = 'Operador'")
    before = everything(query)
    again = take("--json").done().json
    assert everything(query) == before
    assert all(part["taken"] == 0 for part in again["parts"].values())
    for kind in ("trunk", "list", "campaign"):
        taken = first["parts"][kind]["taken"]
        assert again["parts"][kind]["already"] == taken
    assert "nothing new" in take().done().out


def test_a_second_run_takes_what_is_new(
    take: Take, original: Original, query: Query
) -> None:
    take().done()
    original.run(
        "INSERT INTO list_numbers (list, number, status) VALUES (2, '600000012', 'E'),"
        " (2, '600000010', 'E');\n"
        "INSERT INTO campaign_numbers (campaign, number, status, message) VALUES"
        " (2, '600000299', 'P', ''), (9, '600000999', 'P', '');\n"
        "INSERT INTO campaign VALUES (9, 'Nueva', 'Hola', '08:00:00', '20:00:00', 'P',"
        " '2012-07-01', '', NULL, 1, NULL);\n"
    )
    report = take("--json").done().json
    parts = report["parts"]
    assert (parts["number"]["taken"], parts["message"]["taken"]) == (1, 2)
    assert parts["campaign"]["taken"] == 1
    assert query("SELECT excluded FROM contact WHERE number = '+34600000010'") == (
        (1,),
    )
    assert query("SELECT included, excluded FROM list WHERE name LIKE 'Emp%%'") == (
        (1, 2),
    )
    campaign = query("SELECT trunk_id FROM campaign WHERE name = 'Nueva'")
    assert campaign == ((trunk_id(query, "Operador"),),)


def test_new_messages_do_not_join_a_campaign_that_is_being_sent_here(
    take: Take, original: Original, query: Query
) -> None:
    take().done()
    query("UPDATE campaign SET paused = 0 WHERE name = 'Rebajas'")
    original.run(
        "INSERT INTO campaign_numbers (campaign, number, status, message) VALUES"
        " (2, '600000299', 'P', '');\n"
    )
    report = take("--json").done().json
    assert "being sent here. Stop it" in notes(report, "Rebajas")
    assert not query("SELECT id FROM message WHERE number = '+34600000299'")
    query("UPDATE campaign SET paused = 1 WHERE name = 'Rebajas'")
    assert take("--json").done().json["parts"]["message"]["taken"] == 1


def test_what_was_removed_here_stays_removed(take: Take, query: Query) -> None:
    take().done()
    query("DELETE FROM list WHERE name = 'Clientes'")
    query("UPDATE campaign SET removed = 1, name = '#2 x' WHERE name = 'Rebajas'")
    report = take("--json").done().json
    assert "removed here since" in notes(report, "Clientes")
    assert "removed here since" in notes(report, "Rebajas")
    assert report["parts"]["list"]["taken"] == 0
