"""SQL is in store/ and sql/ only, and no UPDATE of a message forgets its old state."""

from __future__ import annotations

import ast
import re

import pytest

from massivesms.domain.states import TRANSITIONS, MessageState
from tests.architecture.source import SERVICE, Module, modules, strings, where

SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+(IGNORE\s+)?INTO|UPDATE\s+\w+\s+(\w+\s+)?(SET|JOIN)|"
    r"DELETE\s+(\w+\s+)?FROM|REPLACE\s+INTO|(CREATE|ALTER|DROP|TRUNCATE)\s+TABLE)\b"
)
STORE = {m.name.split(".")[-1]: m for m in modules(SERVICE) if m.room == "store"}

#: constant that changes message.state -> ({states it leaves}, {states it makes}).
#: The values of parameters are what the functions beside them are called with.
UPDATES: dict[tuple[str, str], tuple[set[str], set[str]]] = {
    ("messages", "CANCEL"): ({"queued"}, {"cancelled"}),
    ("import_undo", "CANCEL"): ({"queued"}, {"cancelled"}),
    ("unsent", "END"): ({"queued"}, {"skipped", "cancelled"}),
    ("blocked_numbers", "SKIP"): ({"queued"}, {"skipped"}),
    ("late_answers", "SKIP_LATE"): ({"queued"}, {"skipped"}),
    ("claims", "CLAIM"): ({"queued"}, {"submitting"}),
    ("settlements", "ACCEPT"): ({"submitting", "in_doubt"}, {"submitted"}),
    ("settlements", "AGAIN"): ({"submitting", "in_doubt"}, {"queued"}),
    ("settlements", "END"): (
        {"submitting"},
        {"submitted", "rejected", "failed", "in_doubt"},
    ),
    ("recovery", "DOUBT"): ({"submitting"}, {"in_doubt"}),
    ("restores", "DOUBT"): ({"submitting"}, {"in_doubt"}),
    ("recovery", "FAIL_WAITING"): ({"queued"}, {"failed"}),
    ("doubts", "RESEND"): ({"in_doubt"}, {"queued"}),
    ("doubts", "ASSUME_SENT"): ({"in_doubt"}, {"submitted"}),
    ("receipt_matches", "SETTLE"): (
        {"submitted", "in_doubt"},
        {"delivered", "undelivered", "expired", "rejected"},
    ),
}
MESSAGE_UPDATE = re.compile(
    r"\s*UPDATE (?:\(\{rows\}\) answer STRAIGHT_JOIN )?message\b"
    r"(?P<set>.*)\bWHERE\b(?P<where>.*)",
    re.S,
)
NEW_STATE = re.compile(r"(?:\bSET |, |m\.)state = ('?)([^\s,']+)")
OLD_STATE = re.compile(r"\bstate = ('?)([^\s,']+)")


def constants(module: Module) -> dict[str, str]:
    """UPPER_CASE texts of a module; f-strings keep {} for what is put in."""
    found = {}
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value)
            if text is not None and node.targets[0].id.isupper():
                found[node.targets[0].id] = text
    return found


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (_text(v) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        return "".join(part or "" for part in parts)
    return None


def state_updates() -> dict[tuple[str, str], str]:
    """Every statement of the store that sets message.state."""
    return {
        (room, name): sql
        for room, module in STORE.items()
        for name, sql in constants(module).items()
        if (match := MESSAGE_UPDATE.match(sql)) and NEW_STATE.search(match["set"])
    }


@pytest.mark.parametrize(
    "module",
    [pytest.param(m, id=m.name) for m in modules() if m.room != "store"],
)
def test_sql_is_only_in_the_store(module: Module) -> None:
    found = [where(module, s) for s in strings(module.tree) if SQL.match(str(s.value))]
    assert not found


def test_sql_would_be_found_in_the_store() -> None:
    found = [s for m in STORE.values() for s in strings(m.tree) if SQL.match(s.value)]
    assert len(found) > 100


def test_the_table_of_state_updates_is_complete() -> None:
    assert set(state_updates()) == set(UPDATES)


@pytest.mark.parametrize("key", UPDATES, ids=".".join)
def test_an_update_of_the_state_names_the_state_it_leaves(key: tuple[str, str]) -> None:
    match = MESSAGE_UPDATE.match(state_updates()[key])
    assert match
    left, made = UPDATES[key]
    new, old = NEW_STATE.search(match["set"]), OLD_STATE.search(match["where"])
    assert new and old, "the statement does not ask for the old state"
    for found, allowed in ((new, made), (old, left)):
        if found[1]:
            assert {found[2]} == allowed
        else:
            assert found[2].startswith(("%(", "{"))


@pytest.mark.parametrize("key", UPDATES, ids=".".join)
def test_every_update_of_the_state_is_a_legal_transition(key: tuple[str, str]) -> None:
    left, made = UPDATES[key]
    for old in left:
        missing = made - set(TRANSITIONS[MessageState(old)])
        assert not missing, f"{old} -> {missing}"


def test_no_message_is_updated_without_its_state_in_the_condition() -> None:
    for room, module in STORE.items():
        for name, sql in constants(module).items():
            match = MESSAGE_UPDATE.match(sql)
            if match:
                assert "state" in match["where"], f"{room}.{name}"
