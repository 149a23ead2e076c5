"""Several simulated modems as a process, for the demo and for benchmarks.

Its output is a line `MAKE PORT` for each and then `ready`. What the networks take is
written to a log, a line of JSON for each short message, before the modem says so to
anybody else. Ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import MAKES, Behaviour
from tests.fakes.modem.pdu import Submitted
from tests.fakes.modem.server import Modem
from tests.fakes.smsc import gsm7

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}
GSM_PART, UNICODE_PART = 140, 60  # characters; escapes and pairs have room


class Network:
    """What all modems share: the log, and the people who answer, each once."""

    def __init__(self, log: Path | None, replies: Mapping[str, str]) -> None:
        self._log: IO[str] | None = log.open("a", encoding="utf-8") if log else None
        self._replies = dict(replies)
        self._lock = threading.Lock()
        self._reference = 0

    def take(self, modem: str, one: Submitted) -> str | None:
        """Writes a short message down; what its recipient answers."""
        with self._lock:
            if self._log is not None:
                fields = {"modem": modem, "number": one.number, "text": one.text}
                self._log.write(json.dumps({**fields, "place": one.place}) + "\n")
                self._log.flush()
            for pattern in self._replies:
                if re.search(pattern, one.number.removeprefix("+")):
                    return self._replies.pop(pattern)
        return None

    def parts(self, number: str, text: str) -> Iterator[str]:
        """A message as a modem shows it, in as many parts as it needs."""
        size = GSM_PART if _is_gsm(text) else UNICODE_PART
        some = [text[n : n + size] for n in range(0, len(text), size)]
        now = datetime.now(UTC)
        with self._lock:
            self._reference = (self._reference + 1) % 256
        for n, part in enumerate(some, start=1):
            place = (self._reference, len(some), n) if len(some) > 1 else None
            yield pdu.deliver(number, part, now, place=place)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop."""
    options = _parser().parse_args(arguments)
    network = Network(options.log, json.loads(options.replies))
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    with ExitStack() as stack:
        for n, make in enumerate(options.make):
            modem = stack.enter_context(_modem(n, make, options, network))
            print(make, modem.path)
        print("ready", flush=True)
        signal.sigwait(STOP_SIGNALS)
    return 0


def _modem(n: int, make: str, options: argparse.Namespace, network: Network) -> Modem:
    own = Behaviour(
        make=make,
        noise=True,
        imei=f"8612345678{n:05}",
        imsi=f"7340412345{n:05}",
        reports=0,
        take_s=options.take_s,
    )
    name = f"{make} {n}"

    def taken(one: Submitted) -> None:
        said = network.take(name, one)
        if said is not None:
            later = threading.Timer(
                options.reply_s, _answer, (modem, network, one.number, said)
            )
            later.daemon = True
            later.start()

    modem = Modem(own, taken)
    return modem


def _answer(modem: Modem, network: Network, number: str, text: str) -> None:
    for whole in network.parts(number, text):
        modem.do(_delivering(whole))


def _delivering(whole: str) -> Callable[..., None]:
    return lambda stick: stick.deliver(whole)


def _is_gsm(text: str) -> bool:
    try:
        gsm7.encode(text)
    except ValueError:
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.modem")
    parser.add_argument("make", nargs="+", choices=MAKES, help="one for each modem")
    parser.add_argument("--log", type=Path, help="what the networks took")
    parser.add_argument("--take-s", type=float, default=0.0, help="for each message")
    parser.add_argument(
        "--replies", default="{}", help="JSON: pattern of the number -> what is said"
    )
    parser.add_argument("--reply-s", type=float, default=1.0, help="how much later")
    return parser


if __name__ == "__main__":
    sys.exit(main())
