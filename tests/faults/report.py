"""What came of the rows: as a table on a terminal, as JSON, in docs/guarantee.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.run import Result, Scenario

HEADS = (
    "fault",
    "runs",
    "messages",
    "lost",
    "duplicated",
    "altered",
    "in doubt",
    "recovered",
    "after (s)",
    "verdict",
)
PAGE = Path(__file__).parents[2] / "docs" / "guarantee.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


@dataclass(frozen=True)
class Line:
    """One row of the matrix with all its runs."""

    scenario: Scenario
    results: Sequence[Result]
    not_run: str = ""

    @property
    def is_good(self) -> bool:
        """Ran, and no run found anything."""
        return bool(self.results) and not self.failed()

    def failed(self) -> list[Result]:
        """Runs that found something."""
        return [result for result in self.results if result.problems]

    def most_in_doubt(self) -> int:
        """In one run."""
        return max((result.tally.in_doubt for result in self.results), default=0)

    def longest_s(self) -> float | None:
        """Until a fault was noticed, or sending went on after it."""
        found = [s for result in self.results for s in result.noticed_s]
        return max(found) if found else None

    def count(self, what: str) -> int:
        """Messages of one kind of fault, over all runs."""
        return sum(len(getattr(result.judgement, what)) for result in self.results)

    def cells(self) -> tuple[str, ...]:
        """As HEADS names them."""
        allowed = self.scenario.may_doubt
        longest_s = self.longest_s()
        return (
            self.scenario.fault,
            str(len(self.results)),
            f"{sum(result.messages for result in self.results):,}",
            str(self.count("lost")),
            str(self.count("duplicated")),
            str(self.count("altered")),
            f"{self.most_in_doubt()} / {'-' if allowed is None else allowed}",
            str(sum(result.tally.recovered for result in self.results)),
            "-" if longest_s is None else f"{longest_s:.1f}",
            self.verdict(),
        )

    def verdict(self) -> str:
        """In a word or two."""
        if self.not_run:
            return f"not run: {self.not_run}"
        if not self.results:
            return "not run: no time"
        return "good" if self.is_good else f"FAILED in {len(self.failed())}"

    def as_json(self) -> dict[str, Any]:
        """Everything, with a seed for each failed run."""
        return {
            "name": self.scenario.name,
            "fault": self.scenario.fault,
            "runs": len(self.results),
            "messages": sum(result.messages for result in self.results),
            **{what: self.count(what) for what in ("lost", "duplicated", "altered")},
            "stray": self.count("stray"),
            "unaccounted": self.count("unaccounted"),
            "in_doubt_most": self.most_in_doubt(),
            "in_doubt_allowed": self.scenario.may_doubt,
            "recovered": sum(result.tally.recovered for result in self.results),
            "noticed_s_most": self.longest_s(),
            "took_s": round(sum(result.took_s for result in self.results), 1),
            "not_run": self.not_run,
            "good": self.is_good,
            "failed": [failure(result) for result in self.failed()],
        }


def failure(result: Result) -> dict[str, Any]:
    """How to play it again, and what it said."""
    return {
        "seed": result.seed,
        "problems": result.problems,
        "directory": str(result.directory),
        "replay": replay(result),
    }


def replay(result: Result) -> str:
    """The command that plays one run again, exactly."""
    return (
        f"scripts/faults --only {result.name} --runs 1 --seed {result.seed}"
        f" --messages {result.wanted}{'' if result.full else ' --reduced'}"
    )


def as_table(lines: Sequence[Line]) -> str:
    """Columns of one width."""
    rows = [HEADS, *(line.cells() for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in (0, len(HEADS) - 1) else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def write_page(lines: Sequence[Line], page: Path = PAGE) -> None:
    """Puts rows into the page's table; rows that did not run now stay."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    kept = {line.split("|")[1].strip(): line for line in old.splitlines()[3:] if line}
    for line in lines:
        is_new = line.scenario.fault not in kept
        if line.results or (line.not_run and is_new):
            kept[line.scenario.fault] = _markdown(line.cells())
    table = [_markdown(HEADS), "|" + "---|" * len(HEADS), *kept.values()]
    page.write_text("\n".join([f"{before}{BEGIN}", *table, f"{END}{after}"]))


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
