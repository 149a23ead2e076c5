"""Loads into a campaign: a file or a list becomes its messages.

Each is one transaction, as loads.py has it for lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..domain.campaigns import Draft
from ..domain.numbers import NumberPlan
from ..domain.recipients import Row, Screening
from ..domain.segments import split
from ..domain.smart_text import Improver
from ..domain.templates import places
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..store import campaigns, imports, lists, messages, permanent
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.db import Row as StoredRow
from . import texts
from .load_sources import Source
from .loads import Finish, Loaded, conclude, keeping_problems, nothing_more


def create_campaign_from_file(
    db: Database,
    draft: Draft,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    finish: Finish = nothing_more,
    *,
    improver: Improver | None = None,
) -> Loaded:
    """A campaign to the numbers of a file; a second column may bring own texts.

    Raises ImportRefused when nothing is usable, TextRefused for a place that no column
    fills, StoreError when the name is taken.
    """
    improver = improver or Improver()
    rows = source.rows if draft.text else needing_texts(source.rows)
    if places(draft.text):
        found = source.known() if source.known else ()
        if not source.known:
            found, rows = texts.known_by(rows)
        texts.check_places(draft.text, found)
    with db.transaction() as tx:
        signature = texts.signature(tx)
        draft = texts.sign(draft, signature)
        campaign_id = campaigns.create(tx, draft, actor)
        import_id = imports.create(
            tx,
            source.kind,
            campaign_id=campaign_id,
            source=source.name,
            created_by=actor.name,
            digest=source.digest,
        )
        screening = Screening(
            plan,
            template=draft.text,
            signature=signature,
            improver=improver,
            seen=source.seen,
        )
        for batch in keeping_problems(tx, import_id, screening, rows):
            made = texts.of_recipients(draft.text, batch)
            messages.enqueue(tx, campaign_id, made, import_id)
        notes = source.notes + improver.notes
        loaded = conclude(tx, campaign_id, import_id, screening, notes=notes)
        finish(tx, loaded)
    return loaded


def create_campaign_from_list(
    db: Database,
    draft: Draft,
    chosen: StoredRow,
    actor: Actor,
    *,
    improver: Improver | None = None,
) -> Loaded:
    """A campaign to the included contacts of a list.

    Raises ImportRefused when it has none, TextRefused for a place that no contact
    fills, StoreError when the name is taken.
    """
    improver = improver or Improver(draft.characters)
    with db.transaction() as tx:
        if draft.permanent:  # before anything is read: see permanent.begin
            lists.lock(tx, chosen["id"])
        draft = texts.sign(draft, texts.signature(tx))
        draft = replace(draft, characters=improver.choice)
        campaign_id = campaigns.create(tx, draft, actor)
        import_id = imports.create(
            tx,
            "list",
            campaign_id=campaign_id,
            list_id=chosen["id"],
            source=chosen["name"],
            created_by=actor.name,
        )
        if draft.permanent:
            permanent.begin(tx, campaign_id, chosen["id"])
        taken, refused = _take_list(
            tx, campaign_id, chosen["id"], draft.text, import_id, improver
        )
        if not taken and not draft.permanent:
            raise ImportRefused(
                Problem(
                    "list_empty",
                    N_("The list %(name)s has no number that may be used."),
                    name=chosen["name"],
                )
            )
        counts = {"accepted": taken, "duplicates": 0, "refused": refused}
        imports.finish(tx, import_id, **counts, notes=improver.notes)
        return Loaded(campaign_id, import_id, taken, 0, refused)


def _take_list(
    tx: Transaction,
    campaign_id: int,
    list_id: int,
    text: str,
    import_id: int,
    improver: Improver,
) -> tuple[int, int]:
    """Messages to a list's contacts; how many, and how many could not be filled."""
    if places(text):
        done = texts.enqueue_list(tx, campaign_id, list_id, text, import_id, improver)
        return done.accepted, done.refused
    segments = len(split(text).parts)
    return messages.enqueue_list(tx, campaign_id, list_id, segments, import_id), 0


def needing_texts(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of a campaign without a text of its own: each must bring one."""
    problem = Problem(
        "text_missing",
        N_("The campaign has no message and this row brings none of its own."),
    )
    for row in rows:
        has_text = row.text is not None and row.text.strip()
        yield row if has_text else replace(row, text=None, problem=problem)
