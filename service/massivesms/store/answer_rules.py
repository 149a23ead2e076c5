"""Keyword answers: what is written back to whom writes a keyword."""

from __future__ import annotations

from typing import Any

from ..domain.answer_rules import AnswerRule, Matching
from . import audit
from .audit import Actor
from .db import Row, Transaction

COLUMNS = "id, words, matching, text, active, hours, days"
ALL = f"SELECT {COLUMNS} FROM answer_rule ORDER BY id"  # noqa: S608


def every(tx: Transaction) -> list[AnswerRule]:
    """All of them in the order in which they are tried."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = f"SELECT {COLUMNS} FROM answer_rule WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, rule_id: int) -> AnswerRule | None:
    """One of them or None."""
    row = tx.row(BY_ID, {"id": rule_id})
    return _read(row) if row else None


CREATE = """
INSERT INTO answer_rule (words, matching, text, active, hours, days, created_by,
                         created_at, changed_at)
VALUES (%(words)s, %(matching)s, %(text)s, %(active)s, %(hours)s, %(days)s, %(by)s,
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def create(tx: Transaction, rule: AnswerRule, actor: Actor) -> int:
    """Stores a checked answer; its id."""
    rule_id = tx.insert(CREATE, {**_values(rule), "by": actor.name[:64]})
    audit.record(tx, actor, "answer.create", rule.words, _facts(rule))
    return rule_id


CHANGE = """
UPDATE answer_rule SET words = %(words)s, matching = %(matching)s, text = %(text)s,
  active = %(active)s, hours = %(hours)s, days = %(days)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def change(tx: Transaction, old: AnswerRule, new: AnswerRule, actor: Actor) -> None:
    """Stores what was changed of an answer, which keeps its id."""
    tx.execute(CHANGE, {**_values(new), "id": old.id})
    changes = audit.changes(_facts(old), _facts(new))
    if old.text != new.text:
        changes["text"] = [_length(old.text), _length(new.text)]
    audit.record(tx, actor, "answer.change", new.words, changes)


REMOVE = "DELETE FROM answer_rule WHERE id = %(id)s"


def remove(tx: Transaction, rule: AnswerRule, actor: Actor) -> None:
    """Takes an answer away."""
    if tx.execute(REMOVE, {"id": rule.id}):
        audit.record(tx, actor, "answer.remove", rule.words, _facts(rule))


def _read(row: Row) -> AnswerRule:
    return AnswerRule(
        **{
            **row,
            "matching": Matching(row["matching"]),
            "active": bool(row["active"]),
        }
    )


def _values(rule: AnswerRule) -> dict[str, Any]:
    return {
        "words": rule.words,
        "matching": str(rule.matching),
        "text": rule.text,
        "active": int(rule.active),
        "hours": rule.hours,
        "days": rule.days,
    }


def _facts(rule: AnswerRule) -> dict[str, object]:
    """What the audit has of it: of the text its length."""
    return {**_values(rule), "active": rule.active, "text": _length(rule.text)}


def _length(text: str) -> str:
    return f"{len(text)} characters"
