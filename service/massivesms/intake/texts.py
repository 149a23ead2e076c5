"""What each recipient of a campaign is written: signed, its places filled.

Joins the texts (domain.templates, domain.text_settings) with where values come from:
the rows of a file, or the contacts of a list. A value that is lacking is a verdict on
its row; a place that nobody has a value for refuses the text (TextRefused).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from ..domain import settings as settings_domain
from ..domain.campaigns import Draft
from ..domain.contact_fields import NUMBER
from ..domain.filled_texts import text_of
from ..domain.recipients import Recipient, Row
from ..domain.segments import check_text, split
from ..domain.smart_text import Improver
from ..domain.templates import check, places
from ..domain.text_settings import signed
from ..domain.words import N_, Problem
from ..errors import TextRefused
from ..store import erased, imports, list_texts, messages, settings
from ..store.db import Row as StoredRow
from ..store.db import Transaction
from ..store.imports import RowProblem
from ..store.messages import NewMessage

LOOKED_AT = 2000  # rows of a source that does not know its columns


def signature(tx: Transaction) -> str:
    """The company's signature, '' without one."""
    return settings_domain.with_defaults(settings.load(tx))["signature"]


def sign(draft: Draft, ending: str) -> Draft:
    """The draft with its text signed. Raises TextRefused when that is too long."""
    text = signed(draft.text, ending)
    if text != draft.text and not places(text) and (problem := check_text(text)):
        raise TextRefused(problem)
    return replace(draft, text=text)


def check_places(text: str, known: Collection[str]) -> None:
    """Raises TextRefused when a text wants what is not known, and names the nearest."""
    if problem := check(text, [*(name for name in known if name != NUMBER), NUMBER]):
        raise TextRefused(problem)


def known_by(rows: Iterable[Row]) -> tuple[list[str], Iterator[Row]]:
    """The fields of the first rows, and all of the rows."""
    rest = iter(rows)
    first = list(islice(rest, LOOKED_AT))
    names = dict.fromkeys(name for row in first for name in row.fields or ())
    return list(names), chain(first, rest)


def of_recipients(text: str, good: Iterable[Recipient]) -> Iterator[NewMessage]:
    """The messages of judged rows; a text of its own only where it differs."""
    default = len(split(text).parts)
    for recipient in good:
        own = recipient.text if recipient.text != text else None
        yield NewMessage(
            recipient.number.e164,
            recipient.number.is_local,
            len(split(own).parts) if own is not None else default,
            own,
        )


@dataclass(slots=True)
class Filled:
    """How many contacts got their message, and how many could not."""

    accepted: int = 0
    refused: int = 0
    first: RowProblem | None = None


def enqueue_list(
    tx: Transaction,
    campaign_id: int,
    list_id: int,
    text: str,
    import_id: int,
    improver: Improver,
) -> Filled:
    """One filled message to each included contact of a list; verdicts on the others.

    Raises TextRefused when a place is in no contact, or none has what is wanted.
    """
    check_places(text, list_texts.known(tx, list_id, set(places(text)) - {NUMBER}))
    gone = frozenset(erased.in_list(tx, list_id))
    done, line = Filled(), 0
    for contacts in list_texts.batches(tx, list_id):
        good: list[NewMessage] = []
        bad: list[RowProblem] = []
        for contact in contacts:
            line += 1
            if contact["number"] in gone:
                continue
            made = _message(text, contact, improver)
            if isinstance(made, Problem):
                bad.append(
                    RowProblem(line, contact["number"], None, made, contact["fields"])
                )
            else:
                good.append(made)
        messages.enqueue(tx, campaign_id, good, import_id)
        imports.add_problems(tx, import_id, bad)
        done.accepted += len(good)
        done.refused += len(bad)
        done.first = done.first or next(iter(bad), None)
    if done.first and not done.accepted:
        raise TextRefused(_none_filled(done.first))
    return done


def _message(text: str, contact: StoredRow, improver: Improver) -> NewMessage | Problem:
    filled = text_of(text, contact["number"], contact["fields"], improver)
    if isinstance(filled, Problem):
        return filled
    segments = len(split(filled).parts)
    return NewMessage(contact["number"], contact["is_local"], segments, filled)


def _none_filled(first: RowProblem) -> Problem:
    return Problem(
        "none_filled",
        N_(
            "No contact of the list has all that the message wants. %(number)s: %(why)s"
        ),
        number=first.number,
        why=first.problem,
    )
