"""What the tests look at after a take-over."""

from __future__ import annotations

from massivesms.store.audit import Actor
from tests.takeover.conftest import Query

ANA = Actor("ana")


def state_of(query: Query, number: str) -> tuple[object, ...]:
    found = query(
        "SELECT m.state, m.result_code, m.result_detail, m.text, m.route_trunk_id,"
        " m.trunk_id FROM message m WHERE m.number = %s",
        f"+34{number}",
    )
    assert len(found) == 1, found
    return found[0]


def trunk_id(query: Query, name: str) -> int:
    return int(query("SELECT id FROM trunk WHERE name = %s", name)[0][0])


def notes(report: dict[str, object], name: str) -> str:
    """Everything that was said about a thing."""
    every = report["notes"]
    assert isinstance(every, list)
    return " ".join(n["text"] for n in every if n["name"] == name)


def everything(query: Query) -> list[object]:
    """All that a takeover may change."""
    tables = ("setting", "trunk", "list", "contact", "campaign", "message", "import")
    more = ("import_problem", "campaign_count", "taken_over")
    return [query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in (*tables, *more)]
