"""The original's lists: their numbers, and who was excluded."""

from __future__ import annotations

from ..domain.campaigns import MAX_NAME
from ..domain.numbers import read_number
from ..domain.original import INCLUDED, folded
from ..domain.recipients import PROBLEMS as ROW_PROBLEMS
from ..domain.words import N_, Problem, problem_from
from ..store import erased, imports, original, taken_over
from ..store import lists as stored_lists
from ..store.db import Transaction
from ..store.imports import RowProblem
from ..store.original import Extent, SourceRow
from ..store.taken_over import OldContact, Taken
from .report import ALREADY, NOT_TAKEN, TAKEN
from .trunks import renamed
from .work import Work, number, plain

TABLE = "list_numbers"


def take(work: Work) -> None:
    """Takes every list, each in small transactions: it can be stopped and gone on."""
    known, standing = work.known("list"), work.standing("list")
    extents = original.extents(work.source, TABLE)
    for row in original.rows(work.source, "list", work.shape):
        list_id = number(row, "list")
        extent = extents.pop(list_id, Extent(0, 0, 0))
        found = known.get(str(list_id))
        if found is None:
            _take_one(work, row, extent)
        elif found.target_id in standing:
            _take_news(work, row, extent, found)
        else:
            _removed_here(work, work.text("list", row, "name"), extent)
    for list_id, extent in sorted(extents.items()):
        work.report.add("number", NOT_TAKEN, extent.rows)
        work.report.note("list", f"#{list_id}", _no_list(extent.rows))


def _take_one(work: Work, row: SourceRow, extent: Extent) -> None:
    source_id = number(row, "list")
    their_name = work.text("list", row, "name").strip() or f"List {source_id}"
    name = work.free_name("list", their_name, MAX_NAME)
    if folded(name) != folded(their_name):
        work.report.note("list", their_name, renamed(name))

    def create(tx: Transaction) -> int:
        made = stored_lists.create(tx, name, "", work.actor)
        taken_over.record(tx, "list", work.key(source_id), made)
        return made

    made = work.write(create, 0)
    work.report.add("list", TAKEN)
    _Load(work, name, source_id, Taken(made)).run(extent)


def _take_news(work: Work, row: SourceRow, extent: Extent, found: Taken) -> None:
    source_id = number(row, "list")
    work.report.add("list", ALREADY)
    news = 0
    if extent.last_id > found.through_id:
        news = original.remaining(work.source, TABLE, source_id, found.through_id)
    work.report.add("number", ALREADY, extent.rows - news)
    if news:
        name = work.text("list", row, "name").strip()
        left = Extent(news, found.through_id + 1, extent.last_id)
        _Load(work, name, source_id, found).run(left)


class _Load:
    """One run of rows of one list into ours."""

    def __init__(self, work: Work, name: str, source_id: int, target: Taken) -> None:
        self._work = work
        self._name = name
        self._source_id = source_id
        self._target = target
        self._import_id = 0
        self._seen: set[int] = set()  # 8 octets a number, of one list
        self._accepted = self._duplicates = self._refused = self._erased = 0

    def run(self, extent: Extent) -> None:
        """Batch after batch, each with the mark up to where we are."""
        if not extent.rows:
            return
        work, name = self._work, self._name
        self._import_id = work.write(self._begin, 0)
        for rows, after in work.batches(TABLE, self._source_id, extent, name):
            self._take(rows, after)
        work.report.add("number", TAKEN, self._accepted)
        not_taken = self._duplicates + self._refused + self._erased
        work.report.add("number", NOT_TAKEN, not_taken)
        if self._refused:
            work.report.note("list", name, bad_numbers(self._refused))
        if self._erased:
            work.report.note("list", name, erased_numbers(self._erased))

    def _begin(self, tx: Transaction) -> int:
        return imports.create(
            tx,
            "list",
            list_id=self._target.target_id,
            source=f"{self._work.database}: {self._name}",
            created_by=self._work.actor.name,
        )

    def _take(self, rows: list[SourceRow], through_id: int) -> None:
        good: dict[str, OldContact] = {}
        fresh: set[str] = set()
        problems: list[RowProblem] = []
        every = [read_number(plain(row, "number"), self._work.plan) for row in rows]
        gone = self._work.erased_among(every)
        for row, read in zip(rows, every, strict=True):
            raw, line = plain(row, "number"), number(row, "id")
            if isinstance(read, Problem):
                problems.append(RowProblem(line, raw, None, read))
                self._refused += 1
                continue
            if read.e164 in gone:
                problems.append(erased_row(line))
                self._erased += 1
                continue
            excluded = self._is_excluded(row)
            if int(read.digits) in self._seen:
                twice = problem_from(ROW_PROBLEMS, "duplicate")
                problems.append(RowProblem(line, raw, None, twice))
                self._duplicates += 1
                if not excluded:
                    continue  # but a refusal under another spelling counts
            else:
                self._seen.add(int(read.digits))
                fresh.add(read.e164)
            good[read.e164] = OldContact(read.e164, read.is_local, excluded)
        already = self._store(list(good.values()), fresh, problems, through_id)
        self._accepted += len(fresh) - already
        self._duplicates += already

    def _is_excluded(self, row: SourceRow) -> bool:
        has_status = "status" in self._work.shape[TABLE]
        return has_status and plain(row, "status").upper() != INCLUDED

    def _store(
        self,
        good: list[OldContact],
        fresh: set[str],
        problems: list[RowProblem],
        through_id: int,
    ) -> int:
        """Writes a batch; how many of `fresh` were in our list from before."""

        def write(tx: Transaction) -> int:
            here = taken_over.add_contacts(tx, self._target.target_id, good)
            already = len(here & fresh)
            imports.add_problems(tx, self._import_id, problems)
            imports.finish(
                tx,
                self._import_id,
                accepted=self._accepted + len(fresh) - already,
                duplicates=self._duplicates + already,
                refused=self._refused + self._erased,
            )
            key = self._work.key(self._source_id)
            taken_over.advance(tx, "list", key, through_id)
            return already

        return self._work.write(write, 0)


def _removed_here(work: Work, name: str, extent: Extent) -> None:
    work.report.add("list", ALREADY)
    work.report.add("number", ALREADY, extent.rows)
    work.report.note("list", name, removed_here())


def removed_here() -> Problem:
    """Said of what was taken before and has been removed since."""
    return Problem(
        "takeover_removed",
        N_("It was taken over before and has been removed here since: it stays so."),
    )


def bad_numbers(rows: int) -> Problem:
    """Said of a list or campaign with rows that have no usable number."""
    return Problem(
        "takeover_bad_rows",
        N_(
            "%(rows)s of its rows could not be taken. Each is kept with its reason"
            " under its load, to be repaired and loaded again."
        ),
        rows=rows,
    )


def erased_row(line: int) -> RowProblem:
    """A row whose number was erased here: not even among the bad ones is it kept."""
    return RowProblem(line, "", None, erased.problem())


def erased_numbers(rows: int) -> Problem:
    """Said of a list or campaign with rows of people who were erased here."""
    return Problem(
        "takeover_erased",
        N_(
            "%(rows)s of its rows were not taken: their numbers were erased on request."
        ),
        rows=rows,
    )


def _no_list(rows: int) -> Problem:
    return Problem(
        "takeover_no_list",
        N_("%(rows)s numbers belong to a list that is no longer there."),
        rows=rows,
    )
