"""Rows of `campaign_numbers` become messages in the states that they had."""

from __future__ import annotations

from ..domain.campaigns import Draft
from ..domain.numbers import Number, read_number
from ..domain.original import Fate, fate, read_time
from ..domain.recipients import PROBLEMS as ROW_PROBLEMS
from ..domain.segments import check_text, split
from ..domain.words import Problem, problem_from
from ..store import imports, taken_over
from ..store.db import Transaction
from ..store.imports import RowProblem
from ..store.original import Extent, SourceRow
from ..store.taken_over import OldMessage, Taken
from .lists import bad_numbers, erased_numbers, erased_row
from .report import NOT_TAKEN, TAKEN
from .work import Work, number, plain

TABLE = "campaign_numbers"


class Load:
    """One run of rows of one campaign into ours; `waiting` are queued now."""

    def __init__(self, work: Work, row: SourceRow, draft: Draft, target: Taken) -> None:
        self.waiting = 0
        self._work = work
        self._source_id = number(row, "campaign")
        self._status = plain(row, "status")
        self._trunk = number(row, "trunk")
        self._draft = draft
        self._default = draft.text
        self._segments = len(split(draft.text).parts)
        self._target = target
        self._import_id = 0
        self._accepted = self._refused = self._erased = 0

    def run(self, extent: Extent) -> None:
        """Batch after batch, each with the mark up to where we are."""
        if not extent.rows:
            return
        work, name = self._work, self._draft.name
        self._import_id = work.write(self._begin, 0)
        for rows, after in work.batches(TABLE, self._source_id, extent, name):
            self._take(rows, after)
        work.report.add("message", TAKEN, self._accepted)
        work.report.add("message", NOT_TAKEN, self._refused + self._erased)
        if self._refused:
            note = bad_numbers(self._refused)
            work.report.note("campaign", name, note)
        if self._erased:
            note = erased_numbers(self._erased)
            work.report.note("campaign", name, note)

    def _begin(self, tx: Transaction) -> int:
        return imports.create(
            tx,
            "list",
            campaign_id=self._target.target_id,
            source=f"{self._work.database}: {self._draft.name}",
            created_by=self._work.actor.name,
        )

    def _take(self, rows: list[SourceRow], through_id: int) -> None:
        every = [read_number(plain(row, "number"), self._work.plan) for row in rows]
        gone = self._work.erased_among(every)
        judged = [
            erased_row(number(row, "id"))
            if isinstance(read, Number) and read.e164 in gone
            else self._judge(row, read)
            for row, read in zip(rows, every, strict=True)
        ]
        good = [one for one in judged if isinstance(one, OldMessage)]
        bad = [one for one in judged if isinstance(one, RowProblem)]
        self._accepted += len(good)
        erased = sum(one.problem.code == "erased" for one in bad)
        self._erased += erased
        self._refused += len(bad) - erased
        for one in good:
            self._work.report.states[one.state] += 1
            self.waiting += one.is_queued

        def write(tx: Transaction) -> None:
            taken_over.add_messages(tx, self._target.target_id, self._import_id, good)
            imports.add_problems(tx, self._import_id, bad)
            imports.finish(
                tx,
                self._import_id,
                accepted=self._accepted,
                duplicates=0,
                refused=self._refused + self._erased,
            )
            key = self._work.key(self._source_id)
            taken_over.advance(tx, "campaign", key, through_id)

        self._work.write(write, None)

    def _judge(self, row: SourceRow, read: Number | Problem) -> OldMessage | RowProblem:
        raw = plain(row, "number")
        own = self._work.text(TABLE, row, "message")
        text = own if own.strip() and own != self._default else None
        becomes = fate(plain(row, "status"), self._status)
        if isinstance(read, Problem):
            return RowProblem(number(row, "id"), raw, own or None, read)
        if problem := self._unsendable(text, becomes):
            return RowProblem(number(row, "id"), raw, own or None, problem)
        trunk = number(row, "trunk")
        trunk_id = self._work.trunks.get(trunk)
        is_campaigns = trunk == self._trunk
        return OldMessage(
            state=becomes.state.value,
            number=read.e164,
            is_local=read.is_local,
            text=text,
            segments=self._segments if text is None else len(split(text).parts),
            route_trunk_id=0 if is_campaigns else trunk_id or 0,
            trunk_id=trunk_id,
            at=read_time(plain(row, "last"), self._work.zone),
            code=becomes.code,
            detail=self._said(row, becomes),
        )

    def _unsendable(self, text: str | None, becomes: Fate) -> Problem | None:
        """Why what waits could not be sent; history is history."""
        if becomes.state != "queued":
            return None
        if text is None and not self._default.strip():
            return problem_from(ROW_PROBLEMS, "text_missing")
        return check_text(self._default if text is None else text)

    def _said(self, row: SourceRow, becomes: Fate) -> str:
        if becomes.code == "taken_over_unknown":
            return plain(row, "status")
        said = self._work.text(TABLE, row, "code_desc").strip()
        code = self._work.text(TABLE, row, "code").strip()
        return " ".join(part for part in (f"[{code}]" if code else "", said) if part)
