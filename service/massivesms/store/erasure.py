"""Erasing one number everywhere, and letting it in again.

What was sent to it stays counted. A message that is being sent at this moment cannot
be erased: it is said how many, so that a person does it again a little later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..domain.numbers import Number, NumberPlan
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import (
    answered,
    audit,
    blocked_numbers,
    erased,
    inbound,
    inbound_parts,
    lists,
    messages,
    permanent,
    provider_messages,
    trunk_probes,
)
from .audit import Actor
from .db import Database, Row, Transaction
from .doubts import DoubtDecision, settle_held

PROBLEMS_AT_ONCE = 20_000
OPEN = ("queued", "in_doubt")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a number is, or was until it was erased."""

    messages: int
    waiting: int  # of them in the queue: they are cancelled
    on_their_way: int  # of them being sent now: they stay until this is done again
    lists: int
    incoming: int = 0  # messages that came from it
    rows: int = 0  # of loads, not taken then; counted only by erasing
    is_erased: bool = False


MESSAGES = """
SELECT id, campaign_id, state, segments, trunk_id FROM message FORCE INDEX (number)
WHERE number = %(number)s{lock}"""
LIST_IDS = "SELECT id FROM list"
CONTACTS = """
SELECT id, list_id, excluded FROM contact FORCE INDEX (list_number)
WHERE list_id IN %(ids)s AND number = %(number)s"""


def look(tx: Transaction, number: Number) -> Found:
    """What erasing a number would erase; nothing is changed."""
    rows = tx.rows(MESSAGES.format(lock=""), {"number": number.e164})
    is_erased = bool(erased.among(tx, [number.e164]))
    lists_with_it = len(_contacts(tx, number.e164))
    incoming = len(inbound.from_number(tx, number.e164))
    return replace(_found(rows, lists_with_it, incoming), is_erased=is_erased)


def erase(db: Database, number: Number, plan: NumberPlan, actor: Actor) -> Found:
    """Erases a number from everything and refuses it from now on."""
    db.atomically(lambda tx: erased.add(tx, number.e164, actor))
    done = _erase_everywhere(db, number, plan, actor)
    db.atomically(lambda tx: _record(tx, number, done, actor))
    return done


def _erase_everywhere(
    db: Database, number: Number, plan: NumberPlan, actor: Actor
) -> Found:
    found = db.atomically(lambda tx: _erase(tx, number.e164, actor))
    rows = sum(
        db.atomically(lambda tx, one=ids: _blank_problems(tx, one, number, plan))  # type: ignore[misc]
        for ids in _ranges(db.atomically(_last_problem))
    )
    return replace(found, rows=rows, is_erased=True)


def erase_again(db: Database, plan: NumberPlan, actor: Actor) -> int:
    """Erases what a restore has brought back; how many numbers.

    To be called before anything can be sent: it leaves nothing for later.
    """
    found = db.atomically(lambda tx: erased.everywhere(tx, plan))
    for e164 in found:
        _erase_everywhere(db, Number(e164, False), plan, actor)
    return len(found)


def admit(tx: Transaction, number: Number, actor: Actor) -> None:
    """Lets an erased number in again; StoreError when it was not erased."""
    if not erased.remove(tx, number.e164):
        words = N_("%(number)s was not erased: it can be used.")
        raise StoreError(Problem("not_erased", words, number=number.e164))
    audit.record(tx, actor, "number.admit", number.masked)


BLANK = """
UPDATE message SET number = '', text = IF(text IS NULL, NULL, ''),
  result_detail =
    IF(result_code IN ('cancelled', 'assumed_sent'), result_detail, NULL)
WHERE id IN %(ids)s AND state NOT IN ('queued', 'submitting', 'in_doubt')"""
NOT_TOLD = "DELETE FROM call_record_outbox WHERE message_id IN %(ids)s"
RECEIPTS = "DELETE FROM receipt WHERE number = %(number)s"


def _erase(tx: Transaction, number: str, actor: Actor) -> Found:
    contacts = _contacts(tx, number)
    for contact in contacts:
        _take_out(tx, contact)
    rows = tx.rows(MESSAGES.format(lock=" FOR UPDATE"), {"number": number})
    for row in rows:
        if row["state"] == "queued":
            messages.cancel(tx, row, actor.name)
        elif row["state"] == "in_doubt":
            held = [(row["id"], row["trunk_id"], row["segments"])]
            sent = DoubtDecision.ASSUME_SENT
            settle_held(tx, row["campaign_id"], held, sent, actor.name)
    ids = [row["id"] for row in rows]
    if ids:
        permanent.keep(tx, ids)
        tx.execute(BLANK, {"ids": ids})
        tx.execute(NOT_TOLD, {"ids": ids})
        trunk_probes.purge(tx, ids)
    tx.execute(RECEIPTS, {"number": number})
    blocked_numbers.forget(tx, number)
    answered.forget(tx, number)
    inbound_parts.erase(tx, number)
    provider_messages.erase(tx, number)
    return _found(rows, len(contacts), inbound.erase(tx, number))


def _found(rows: Iterable[Row], in_lists: int, incoming: int) -> Found:
    states = [row["state"] for row in rows]
    return Found(
        messages=len(states),
        waiting=states.count("queued"),
        on_their_way=states.count("submitting"),
        lists=in_lists,
        incoming=incoming,
    )


def _record(tx: Transaction, number: Number, found: Found, actor: Actor) -> None:
    details = {
        "messages": found.messages,
        "cancelled": found.waiting,
        "on_their_way": found.on_their_way,
        "lists": found.lists,
        "incoming": found.incoming,
        "rows": found.rows,
    }
    audit.record(tx, actor, "number.erase", number.masked, details)


def _contacts(tx: Transaction, number: str) -> list[Row]:
    every = [list_id for (list_id,) in tx.tuples(LIST_IDS)]
    found: list[Row] = []
    for at in range(0, len(every), lists.LISTS_AT_ONCE):
        ids = every[at : at + lists.LISTS_AT_ONCE]
        found += tx.rows(CONTACTS, {"ids": ids, "number": number})
    return sorted(found, key=lambda contact: int(contact["list_id"]))


TAKE_OUT = "DELETE FROM contact WHERE id = %(id)s"
COUNT_OUT = """
UPDATE list SET included = included - %(included)s, excluded = excluded - %(excluded)s
WHERE id = %(list_id)s"""


def _take_out(tx: Transaction, contact: Row) -> None:
    lists.lock(tx, contact["list_id"])
    if tx.execute(TAKE_OUT, {"id": contact["id"]}):
        excluded = int(contact["excluded"] > 0)
        values = {"list_id": contact["list_id"], "excluded": excluded}
        tx.execute(COUNT_OUT, {**values, "included": 1 - excluded})


# Rows that were not taken have their numbers as they stood in the file, so they are
# looked through from the first to the last, some thousand at a time.
LAST_PROBLEM = "SELECT COALESCE(MAX(id), 0) FROM import_problem"
WRITTEN_SO = """
SELECT id FROM import_problem WHERE id > %(after)s AND id <= %(upto)s AND
  REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    number, ' ', ''), '-', ''), '.', ''), '/', ''), '(', ''), ')', '')
  LIKE %(digits)s"""
BLANK_PROBLEM = """
UPDATE import_problem SET number = '', row_text = NULL, fields = NULL, code = %(code)s,
  params = %(params)s WHERE id IN %(ids)s"""


def _last_problem(tx: Transaction) -> int:
    return int(tx.value(LAST_PROBLEM))


def _ranges(last: int) -> Iterator[tuple[int, int]]:
    for after in range(0, last, PROBLEMS_AT_ONCE):
        yield after, after + PROBLEMS_AT_ONCE


def _blank_problems(
    tx: Transaction, ids: tuple[int, int], number: Number, plan: NumberPlan
) -> int:
    digits = f"%{number.national(plan)}%"
    values = {"after": ids[0], "upto": ids[1], "digits": digits}
    found = [problem_id for (problem_id,) in tx.tuples(WRITTEN_SO, values)]
    if found:
        why = erased.problem()
        params = json.dumps({"template": why.template, "params": {}})
        tx.execute(BLANK_PROBLEM, {"ids": found, "code": why.code, "params": params})
    return len(found)
