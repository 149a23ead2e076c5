"""Contacts of a list as a file, and a sample of such a file to fill in.

Their headings are those that a load knows again: what was exported can be loaded,
and who is excluded stays so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count as counting
from typing import BinaryIO

from ..domain import contact_fields, contact_use
from ..domain.numbers import NumberPlan
from ..domain.words import N_
from ..store import contacts, lists
from ..store.db import Database, Row
from .formats import begin
from .table import Cell, Column, Translate

TITLE = N_("Contacts")
NUMBER = Column(N_("Number"), 16)
USE = Column(contact_use.HEADING, 18)
XLSX_ROWS = 100_000  # more take longer than a person waits
EXAMPLE_NUMBER = "+34600111222"
#: Of a sample: two people, by the fields that they have.
EXAMPLES: tuple[tuple[str, ...], ...] = (
    (N_("Mary"), N_("Smith"), "mary@example.com", N_("12 High Street"), "A-1"),
    (N_("John"), N_("Jones"), "john@example.com", N_("3 Mill Lane"), "A-2"),
)
SAMPLE_FIELDS = ("first_name", "last_name", "email", "address", "custom_1")


def write(
    db: Database,
    row: Row,
    format_name: str,
    out: BinaryIO,
    translate: Translate,
    kinds: Collection[int] = lists.ANY_USE,
) -> int:
    """Writes the contacts of a list, all or of some kinds of use; how many.

    They are read twice in one snapshot: first for the names of their fields.
    """
    with db.transaction() as tx:
        names: dict[str, None] = {}
        for kind in kinds:
            for batch in contacts.every(tx, row["id"], kind):
                for contact in batch:
                    names.update(dict.fromkeys(contact["fields"]))
        ordered = contacts.in_order(names)
        with_use = set(kinds) != {lists.IN_USE} and row["excluded"] > 0
        columns = [NUMBER, *map(_column, ordered)]
        if with_use:
            columns = [NUMBER, USE, *(_beside_use(name, names) for name in ordered)]
        writer = begin(format_name, out, columns, TITLE, translate)
        count = 0
        try:
            for kind in kinds:
                use = [translate(contact_use.LABELS[kind])] if with_use else []
                for contact in _each(contacts.every(tx, row["id"], kind)):
                    fields = contact["fields"]
                    known = [fields.get(name, "") for name in ordered]
                    writer.write([contact["number"], *use, *known])
                    count += 1
            writer.close()
        finally:
            writer.discard()
    return count


def _each(batches: Iterator[list[Row]]) -> Iterator[Row]:
    for batch in batches:
        yield from batch


def _column(name: str) -> Column:
    return Column(contact_fields.STANDARD.get(name, name), 20)


def _beside_use(name: str, names: Collection[str]) -> Column:
    """An own field that is called as the column of the use is goes by another name."""
    if name not in contact_use.NAMES:
        return _column(name)
    others = (f"{name}_{n}" for n in counting(2))
    return _column(next(other for other in others if other not in names))


def sample(
    format_name: str, out: BinaryIO, translate: Translate, plan: NumberPlan
) -> None:
    """Writes a small file as loads take it, with numbers as they are dialled here."""
    columns = [NUMBER, *map(_column, SAMPLE_FIELDS)]
    writer = begin(format_name, out, columns, TITLE, translate)
    for last, person in enumerate(EXAMPLES):
        cells: list[Cell] = [_example(plan, last), *map(translate, person)]
        writer.write(cells)
    writer.close()


def _example(plan: NumberPlan, last: int) -> str:
    """A mobile number of the plan, told from others by its last digit."""
    prefixes, length = plan.mobile_prefixes, plan.min_mobile_length
    if not (plan.country_code and prefixes and length):
        return f"{EXAMPLE_NUMBER[:-1]}{last}"
    digits = "00111222333444"[: max(length - len(prefixes[0]) - 1, 0)]
    return f"{prefixes[0]}{digits}{last}"
