"""The benchmark from beginning to end; scripts/bench calls it.

Exit status: 0 when everything was measured, whatever the figures; 1 when something
failed, was lost or came twice; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scripts.benchmark import (
    calls,
    contacts,
    drain,
    express,
    growing,
    idle,
    jobs,
    loading,
    modems,
    pacing,
    pages,
    receipts,
)
from scripts.benchmark.house import House
from scripts.benchmark.machine import machine
from scripts.benchmark.table import table
from scripts.demonstration.place import ROOT, DemoFailed
from scripts.demonstration.processes import ending_in_order
from tests.servers.mariadb import MariaDBError

INTERRUPTED = 130
Result = dict[str, Any]


def _drain(house: House, options: argparse.Namespace) -> Result:
    messages = options.messages or (20_000 if options.quick else 200_000)
    memory = not options.quick or messages >= drain.MEMORY_MESSAGES
    return drain.measure(house, messages, options.runs, memory)


def _receipts(house: House, options: argparse.Namespace) -> Result:
    messages = options.messages or (20_000 if options.quick else 100_000)
    return receipts.measure(house, messages, options.runs)


def _pacing(house: House, options: argparse.Namespace) -> Result:
    return pacing.measure(house, seconds=10 if options.quick else 60)


def _express(house: House, options: argparse.Namespace) -> Result:
    campaign, singles = (300_000, 50) if options.quick else (1_500_000, 200)
    return express.measure(house, campaign, singles)


def _import(house: House, options: argparse.Namespace) -> Result:
    rows = 50_000 if options.quick else 1_000_000
    return loading.measure(house, rows, options.runs)


def _contacts(house: House, options: argparse.Namespace) -> Result:
    return contacts.measure(house, 20_000 if options.quick else 1_000_000)


def _growing(house: House, options: argparse.Namespace) -> Result:
    return growing.measure(house, 20_000 if options.quick else 1_000_000)


def _jobs(house: House, options: argparse.Namespace) -> Result:
    return jobs.measure(house, 20_000 if options.quick else 1_000_000)


def _calls(house: House, options: argparse.Namespace) -> Result:
    rows = 100_000 if options.quick else 5_000_000
    return calls.measure(house, rows, options.runs)


def _idle(house: House, options: argparse.Namespace) -> Result:
    return idle.measure(house, seconds=5 if options.quick else 30)


def _modems(house: House, options: argparse.Namespace) -> Result:
    seconds, messages = (5, 500) if options.quick else (60, 5_000)
    return modems.measure(house, seconds, messages)


def _pages(house: House, options: argparse.Namespace) -> Result:
    messages = options.pages_messages or (200_000 if options.quick else 10_000_000)
    return pages.measure(house, messages)


MEASURES: Mapping[str, Callable[[House, argparse.Namespace], Result]] = {
    "drain": _drain,
    "receipts": _receipts,
    "pacing": _pacing,
    "express": _express,
    "import": _import,
    "contacts": _contacts,
    "growing": _growing,
    "jobs": _jobs,
    "calls": _calls,
    "idle": _idle,
    "modems": _modems,
    "pages": _pages,
}


def main(arguments: list[str] | None = None) -> int:
    """The exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _check(parser, options)
    parent = Path(os.environ.get("MASSIVESMS_BENCH_DIR") or ROOT / ".bench")
    try:
        with ending_in_order() as stack:
            house = House(parent.resolve(), stack)
            result: Result = {"machine": machine(house.server, house.directory)}
            for name in options.only or MEASURES:
                print(f"bench: {name} ...", file=sys.stderr, flush=True)
                result |= MEASURES[name](house, options)
    except KeyboardInterrupt:
        print("\nbench: interrupted; everything has been ended.", file=sys.stderr)
        return INTERRUPTED
    except (DemoFailed, MariaDBError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, ensure_ascii=False) if options.json else table(result))
    return 0


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends with wrong usage when a number makes no sense."""
    for name, least in (("runs", 1), ("messages", 1), ("pages_messages", pages.FEW)):
        given = getattr(options, name)
        if given is not None and given < least:
            parser.error(f"--{name.replace('_', '-')} is at least {least}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--only", action="append", choices=MEASURES, metavar="MEASURE")
    parser.add_argument("--json", action="store_true", help="all figures, every run")
    parser.add_argument("--runs", type=int, default=3, help="whose median counts")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter")
    parser.add_argument(
        "--messages", type=int, help="of the drain (200000), with receipts (100000)"
    )
    parser.add_argument(
        "--pages-messages", type=int, help="in the database of the pages (10000000)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
