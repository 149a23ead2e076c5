"""The command scripts/faults: plays rows of the matrix and prints what came of it.

Run k of a row has the seed S + k: a failing run is played again by its own seed.
"""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.faults import report
from tests.faults.matrix import ROWS
from tests.faults.report import Line
from tests.faults.run import Result, Scenario
from tests.faults.session import REDUCED_RUNS, Session


def main(arguments: list[str] | None = None) -> int:
    """0 when all that was promised held, 1 when not, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    chosen = _chosen(options.only)
    if options.list:
        for row in chosen:
            print(f"{row.name:24} {row.runs:4} x {row.messages:6,}  {row.fault}")
        return 0
    if not chosen:
        print(
            f"no row is named {' or '.join(options.only)}; see --list", file=sys.stderr
        )
        return 2
    first_seed = secrets.randbits(31) if options.seed is None else options.seed
    _say(f"seed {first_seed}")
    directory = Path(tempfile.mkdtemp(prefix="massivesms-faults-"))
    lines: list[Line] = []
    ends_s = time.monotonic() + 60 * options.minutes if options.minutes else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Session(directory) as session, suppress(KeyboardInterrupt):
        for n, row in enumerate(chosen):
            until_s = None
            if ends_s is not None:  # a fair share of what is left
                share_s = max(0.0, ends_s - time.monotonic()) / (len(chosen) - n)
                until_s = time.monotonic() + share_s
            lines.append(_play(session, row, options, first_seed, until_s))
    print(json.dumps([line.as_json() for line in lines], indent=1) if options.json
          else report.as_table(lines))  # fmt: skip
    if options.markdown:
        report.write_page(lines)
    return 0 if all(line.is_good or line.not_run for line in lines) else 1


def _play(
    session: Session,
    row: Scenario,
    options: argparse.Namespace,
    first_seed: int,
    until_s: float | None,
) -> Line:
    """All runs of one row, with progress on a terminal."""
    if row.lacks():
        _say(f"{row.name}: not run: {row.lacks()}")
        return Line(row, [], row.lacks())
    runs = options.runs or (REDUCED_RUNS if options.reduced else row.runs)
    results: list[Result] = []
    seeds = range(first_seed, first_seed + runs)
    began_s = time.monotonic()
    for result in session.play(
        row, seeds, full=not options.reduced, size=options.messages, until_s=until_s
    ):
        results.append(result)
        if result.problems:
            _say(f"\n{row.name}: FAILED, seed {result.seed}: {result.problems[0]}")
            _say(f"  its schedule and logs: {result.directory}")
            _say(f"  play it again: {report.replay(result)}")
        if sys.stderr.isatty():
            print(f"\r{row.name}: {len(results)} of {runs}", end="", file=sys.stderr)
    line = Line(row, results)
    took_s = time.monotonic() - began_s
    _say(f"\r{row.name}: {line.verdict()}, {len(results)} runs in {took_s:.0f} s")
    return line


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _chosen(names: list[str]) -> list[Scenario]:
    """Rows by name or by the beginning of their names; all when none is given."""
    if not names:
        return ROWS
    exact = {row.name for row in ROWS} & set(names)
    beginnings = tuple(set(names) - exact)
    return [r for r in ROWS if r.name in exact or r.name.startswith(beginnings)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/faults",
        description="Plays the fault matrix in full. Exit status 1 when a promise of"
        " docs/guarantee.md did not hold.",
    )
    parser.add_argument("--list", action="store_true", help="the rows, and no run")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--runs", type=int, metavar="N", help="of each row")
    parser.add_argument("--messages", type=int, metavar="N", help="of each run")
    parser.add_argument("--seed", type=int, metavar="S", help="of the first run")
    parser.add_argument("--minutes", type=float, metavar="M", help="stop after these")
    parser.add_argument("--reduced", action="store_true", help="as the tests do it")
    parser.add_argument("--json", action="store_true", help="in place of the table")
    parser.add_argument(
        "--markdown", action="store_true", help="also put it into docs/guarantee.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
