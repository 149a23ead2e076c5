"""The simulator as a process, for the demo and for benchmarks.

The first line of output is `listening on HOST:PORT`; on SIGINT or SIGTERM one
line says what arrived, and the exit status is 0.
"""

from __future__ import annotations

import argparse
import dataclasses
import signal
import sys
from pathlib import Path

from tests.fakes.smsc.behaviour import Behaviour, Receipts, from_arguments
from tests.fakes.smsc.server import Smsc

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        behaviour = _behaviour(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    # Blocked before the thread starts: it inherits the mask, and the signals
    # wait for sigwait() below.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    smsc = Smsc(behaviour, host=options.host, port=options.port, log_path=options.log)
    try:
        smsc.start()
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"cannot listen on {where}: {error}", file=sys.stderr)
        return 1
    print(f"listening on {smsc.host}:{smsc.port}", flush=True)
    signal.sigwait(STOP_SIGNALS)
    smsc.close()
    print(_summary(smsc), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.smsc")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--system-id", help="the only one taken (default: any)")
    parser.add_argument("--password", help="the only one taken (default: any)")
    parser.add_argument("--receipts", action="store_true", help="send final receipts")
    parser.add_argument(
        "--behaviour",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE|KEY=VALUE",
        help="JSON file or single settings, as in behaviour.py: "
        "throttle_share=0.5 receipts.delay_s=2",
    )
    parser.add_argument("--log", type=Path, help="append the receive log (JSON lines)")
    return parser


def _behaviour(options: argparse.Namespace) -> Behaviour:
    behaviour = from_arguments(options.behaviour)
    if options.system_id is not None:
        behaviour = dataclasses.replace(behaviour, system_id=options.system_id)
    if options.password is not None:
        behaviour = dataclasses.replace(behaviour, password=options.password)
    if options.receipts and behaviour.receipts is None:
        behaviour = dataclasses.replace(behaviour, receipts=Receipts())
    return behaviour


def _summary(smsc: Smsc) -> str:
    count, span_s = len(smsc.submissions), smsc.span_s()
    rate_per_s = (count - 1) / span_s if span_s > 0 else 0.0
    return f"{count} submissions in {span_s:.3f} s, {rate_per_s:.0f} a second"


if __name__ == "__main__":
    sys.exit(main())
