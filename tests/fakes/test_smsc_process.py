"""The simulator as a process: first line, last line, log file, settings, speed."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.bare_esme import SUBMIT_SM, BareEsme, submit_body
from tests.fakes.smsc import Behaviour, Receipts, Smsc, assemble, read_log, speed
from tests.fakes.smsc.behaviour import from_arguments, from_mapping

CHECKOUT = Path(__file__).resolve().parents[2]


class Address:
    """Where the process listens; enough of an Smsc for a BareEsme."""

    def __init__(self, line: str) -> None:
        match = re.fullmatch(r"listening on (127\.0\.0\.1):(\d+)\n", line)
        assert match, line
        self.host, self.port = match[1], int(match[2])


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.fakes.smsc", *arguments]
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def first_line(running: subprocess.Popen[str]) -> Smsc:
    assert running.stdout is not None
    return cast(Smsc, Address(running.stdout.readline()))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_at_the_end_what_came(how: signal.Signals) -> None:
    with process("--port", "0") as running:
        with BareEsme(first_line(running)) as esme:
            for _ in range(3):
                esme.ask(SUBMIT_SM, submit_body())
        running.send_signal(how)
        out, err = running.communicate(timeout=10)
    assert re.fullmatch(r"3 submissions in \d\.\d{3} s, \d+ a second\n", out)
    assert (running.returncode, err) == (0, "")


def test_it_ends_well_when_nothing_came() -> None:
    with process() as running:
        first_line(running)
        running.terminate()
        out, _ = running.communicate(timeout=10)
    assert (running.returncode, out) == (0, "0 submissions in 0.000 s, 0 a second\n")


def test_credentials_receipts_and_behaviour_come_from_the_command_line() -> None:
    arguments = ("--system-id", "acme", "--password", "secret", "--receipts")
    settings = ("--behaviour", "message_id_form=decimal", 'reject={"^349": 11}')
    with process(*arguments, *settings) as running:
        address = first_line(running)
        with BareEsme(address, bind=None) as stranger:
            assert stranger.ask(0x09, stranger.bind_body("other")).status == 0x0F
        with BareEsme(address, system_id="acme") as esme:
            esme.submit("34900000000")
            assert esme.read().status == 11
            esme.submit("34600000000")
            answer, receipt = esme.read_many(2)
            assert answer.body == b"2\0"
            assert b"id:2 " in receipt.body


@pytest.mark.parametrize(
    "arguments",
    [
        ("--behaviour", "throtle_share=1"),
        ("--behaviour", "/nowhere/behaviour.json"),
        ("--behaviour", "receipts.delay=1"),
    ],
    ids=["unknown setting", "no such file", "unknown setting of the receipts"],
)
def test_a_wrong_setting_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    with process(*arguments) as running:
        _, err = running.communicate(timeout=10)
    assert running.returncode == 2
    assert "error:" in err


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with process("--port", port) as running:
            out, err = running.communicate(timeout=10)
    assert running.returncode == 1
    assert err.startswith("cannot listen on 127.0.0.1:")
    assert (out, err.count("\n")) == ("", 1)


# The log file


@pytest.mark.parametrize("delay_s", [0, 0.01], ids=["at once", "late"])
def test_the_log_file_has_every_answer_even_after_a_kill(
    tmp_path: Path, delay_s: float
) -> None:
    path = tmp_path / "receive.log"
    settings = ("--behaviour", f"answer_delay_s={delay_s}")
    with process("--log", str(path), *settings) as running:
        with BareEsme(first_line(running)) as esme:
            for digit in range(5):
                esme.ask(SUBMIT_SM, submit_body(f"3460000000{digit}", b"to %d" % digit))
        running.kill()
    with path.open() as lines:
        submissions = read_log(lines)
    assert [one.message_id for one in submissions] == ["1", "2", "3", "4", "5"]
    assert [one.text for one in assemble(submissions)] == [
        f"to {digit}" for digit in range(5)
    ]


def test_the_log_file_tells_dropped_late_and_rejected_answers_apart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "receive.log"
    with Smsc(log_path=path) as smsc, BareEsme(smsc) as esme:
        smsc.behaviour = Behaviour(drop_answer_share=1.0)
        esme.submit()
        smsc.wait_for(1)
        smsc.behaviour = Behaviour(reject={"": 0x0B})
        esme.ask(SUBMIT_SM, submit_body())
        smsc.behaviour = Behaviour(answer_delay_s=0.01)
        esme.ask(SUBMIT_SM, submit_body())
    with path.open() as lines:
        submissions = read_log(lines)
    told = [(one.verdict, one.status, one.message_id) for one in submissions]
    assert told == [(0, None, None), (0x0B, 0x0B, None), (0, 0, "3")]


# Settings


def test_a_behaviour_is_read_from_a_file_and_flags(tmp_path: Path) -> None:
    path = tmp_path / "behaviour.json"
    path.write_text(
        json.dumps(
            {
                "throttle_share": 0.5,
                "answer_delay_s": [0.1, 0.2],
                "answer_tlvs": {"0x1400": "00ff"},
                "receipts": {"states": {"9$": "UNDELIV"}},
            }
        )
    )
    flags = ["throttle_share=0.25", "receipts.copies=2", "hang_up=reset"]
    assert from_arguments([str(path), *flags]) == Behaviour(
        throttle_share=0.25,
        answer_delay_s=(0.1, 0.2),
        answer_tlvs={0x1400: b"\x00\xff"},
        hang_up="reset",
        receipts=Receipts(states={"9$": "UNDELIV"}, copies=2),
    )


@pytest.mark.parametrize(
    ("value", "receipts"), [(True, Receipts()), (False, None), ({}, Receipts())]
)
def test_receipts_are_switched_by_one_word(
    value: object, receipts: Receipts | None
) -> None:
    assert from_mapping({"receipts": value}) == Behaviour(receipts=receipts)


@pytest.mark.parametrize(
    "values",
    [
        {"hang_up": "rst"},
        {"message_id_form": "octal"},
        {"unsolicited": {"hello": 1}},
        {"drop_answer_share": 5},
        {"reject": {"(": 8}},
        {"receipts": {"id_form": "uuid"}},
        {"receipts": {"states": {"[": "UNDELIV"}}},
    ],
    ids=str,
)
def test_a_fault_that_cannot_happen_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"one of|share|pattern"):
        from_mapping(values)


@pytest.mark.parametrize(
    ("behaviour", "plainly"),
    [
        (Behaviour(), True),
        (Behaviour(password="x", seed=9, glue_s=1, unsolicited={"unknown": 1}), True),
        (Behaviour(throttle_share=0.1), False),
        (Behaviour(receipts=Receipts()), False),
        (Behaviour(silent_after=5), False),
    ],
)
def test_the_fast_way_is_only_for_answers_as_by_default(
    behaviour: Behaviour, plainly: bool
) -> None:
    assert behaviour.takes_all_at_once == plainly


# Speed


def test_the_speed_test_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["--count", "3000", "--runs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "3000 submissions in" in printed
    assert re.search(r"run 1: [\d,]+ submissions a second", printed)
