"""scripts/demo as a person runs it: again and again, two at once, killed, ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.demonstration.arrivals import (
    arrived_at_modems,
    differences,
    flat,
    shortened,
    without_earlier,
)
from scripts.demonstration.sample import Message, read_sample, write_sample

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "scripts" / "demo"
COUNTS = """\
Demo {n}
  delivered      500
Demo {n} by script
  submitted       20
"""

pytestmark = pytest.mark.timeout(300)


class Demo:
    """One directory in which demos run, one after another."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {**os.environ, "MASSIVESMS_DEMO_DIR": str(directory)}

    def once(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DEMO, "--once", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    @contextmanager
    def staying(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A demo that was started without --once; killed if the test fails."""
        with subprocess.Popen(
            [DEMO, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            try:
                yield running
            finally:
                running.kill()

    def massivesms(self, *arguments: str) -> None:
        config = str(self.directory / "massivesms.conf")
        command = Path(sys.executable).with_name("massivesms")
        subprocess.run([command, "--config", config, *arguments], check=True)

    def wait_for_incoming(self, words: str) -> None:
        """Until somebody has written so."""
        config = str(self.directory / "massivesms.conf")
        command = [Path(sys.executable).with_name("massivesms"), "--config", config]
        until_s = time.monotonic() + 20
        said = ""
        while words not in said:
            assert time.monotonic() < until_s, said
            said = subprocess.run(
                [*command, "inbound"], check=True, capture_output=True, text=True
            ).stdout

    def trunk_states(self) -> dict[str, str]:
        config = str(self.directory / "massivesms.conf")
        command = [Path(sys.executable).with_name("massivesms"), "--config", config]
        said = subprocess.run(
            [*command, "trunk", "list", "--json"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return {trunk["name"]: trunk["state"] for trunk in json.loads(said)}

    def processes(self) -> list[str]:
        """Command lines of what runs in this directory, or with its configuration."""
        mark = os.fsencode(self.directory)
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                seen = mark in command or mark in (entry / "environ").read_bytes()
            except OSError:
                continue
            if seen and command:
                found.append(command.replace(b"\0", b" ").decode())
        return found


def read_until(running: subprocess.Popen[str], words: str) -> str:
    """What it prints, up to the line with these words."""
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if words in line:
            return said
    assert running.stderr is not None
    raise AssertionError(said + running.stderr.read())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    # What is still to be installed would be said in the first run.
    subprocess.run([ROOT / "scripts" / "prepare", "venv", "mariadb"], check=True)
    # A path as people have them: with a blank and an accent.
    return Demo(tmp_path_factory.mktemp("demo") / "mi demostración")


def test_the_first_run_makes_everything_and_ends_with_the_counts(demo: Demo) -> None:
    done = demo.once()
    assert (done.returncode, done.stderr) == (0, "")
    assert "500 numbers, 4 duplicates, 6 refused" in done.stdout
    assert "All 520 messages arrived" in done.stdout
    assert done.stdout.endswith(COUNTS.format(n=1))
    assert demo.processes() == []


def test_the_next_run_uses_what_is_there_for_a_new_campaign(demo: Demo) -> None:
    file = demo.directory / "password"
    password = file.read_text().strip()
    done = demo.once()
    assert (done.returncode, done.stderr) == (0, "")
    assert "making" not in done.stdout
    assert done.stdout.endswith(COUNTS.format(n=2))
    assert f"Password:   {password}\n" in done.stdout
    assert (len(password), file.stat().st_mode & 0o777) == (16, 0o600)


def test_it_stays_until_ctrl_c_and_lets_no_second_one_in(demo: Demo) -> None:
    with demo.staying() as running:
        said = read_until(running, "Ctrl-C")
        for words in ("¡Muchas gracias! 🎉", "BAJA", "hasta el sábado"):
            demo.wait_for_incoming(words)
        address = re.search(r"http://\S+", said)
        assert address
        with urllib.request.urlopen(address[0], timeout=10) as page:
            assert b"massivesms" in page.read()
        second = demo.once()
        assert second.returncode == 1
        assert "another demo is running" in second.stderr
        assert f"(process {running.pid})" in second.stderr
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "\nEnding it in order ...\n", "")
    assert demo.processes() == []


def test_ctrl_c_in_the_middle_ends_everything(demo: Demo) -> None:
    with demo.staying() as running:
        read_until(running, "created: 500")
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (
        130,
        "\ndemo: interrupted; everything has been ended.\n",
    )
    assert demo.processes() == []


def test_what_was_left_by_a_kill_goes_on_in_the_next_run(demo: Demo) -> None:
    with demo.staying() as running:
        read_until(running, "created: 500")
        running.kill()
        running.wait()
    until_s = time.monotonic() + 10
    while demo.processes() and time.monotonic() < until_s:
        time.sleep(0.1)
    assert demo.processes() == []
    done = demo.once()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Demo 5 of an earlier run goes on where it stopped.\n" in done.stdout
    assert done.stdout.endswith(COUNTS.format(n=6))


def test_it_says_what_differs_and_fails(demo: Demo) -> None:
    with demo.staying() as running:
        read_until(running, "Ctrl-C")
        demo.massivesms("config", "set", "mobile_prefixes", "6")
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
    done = demo.once()
    assert done.returncode == 1
    assert done.stderr.startswith("This is not as expected:\n")
    assert re.search(r"347\d{8}: never came to massivesms\n", done.stderr)
    assert re.search(r"\.\.\. and \d+ more\n", done.stderr)


@pytest.fixture(scope="module")
def modem_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    subprocess.run([ROOT / "scripts" / "prepare", "venv", "mariadb"], check=True)
    return Demo(tmp_path_factory.mktemp("modems") / "demo")


@pytest.mark.long
def test_with_modems_all_is_sent_reported_and_answered(modem_demo: Demo) -> None:
    with modem_demo.staying("--modem") as running:
        said = read_until(running, "Ctrl-C")
        assert "All 520 messages arrived" in said
        assert COUNTS.format(n=1) in said
        for words in ("¡Muchas gracias! 🎉", "BAJA", "hasta el sábado"):
            modem_demo.wait_for_incoming(words)
        assert modem_demo.trunk_states() == {
            "Modem 1 (Huawei)": "ready",
            "Modem 2 (ZTE)": "ready",
            "Sample script": "ready",
        }
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "\nEnding it in order ...\n", "")
    assert modem_demo.processes() == []


@pytest.mark.long
def test_the_next_demo_may_be_without_modems_and_with_them_again(
    modem_demo: Demo,
) -> None:
    done = modem_demo.once()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(COUNTS.format(n=2))
    done = modem_demo.once("--modem")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(COUNTS.format(n=3))


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = Demo(file).once()
    assert (done.returncode, done.stderr) == (1, f"demo: {file}: File exists\n")


@pytest.mark.parametrize(
    "arguments", [["--twice"], ["--once", "now"], ["now"], ["--modem", "--modem"]]
)
def test_a_wrong_argument_is_wrong_usage(arguments: list[str]) -> None:
    done = subprocess.run([DEMO, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "scripts/demo --once" in done.stderr


def test_help_is_given_without_preparing_anything() -> None:
    done = subprocess.run([DEMO, "--help"], capture_output=True, text=True, env={})
    assert (done.returncode, done.stderr) == (0, "")
    assert "scripts/demo --once" in done.stdout


def test_the_sample_file_is_what_the_demo_promises() -> None:
    messages = read_sample("the campaign's")
    assert len(messages) == len({one.number for one in messages}) == 500
    texts = "".join(one.text for one in messages)
    assert set("áéíóúñ€🎉\n") <= set(texts)
    assert 100 < sum(one.text == "the campaign's" for one in messages) < 200
    assert sum(len(one.text) > 160 for one in messages) > 50


def test_a_sample_can_be_written_and_read_again(tmp_path: Path) -> None:
    messages = [Message("34600000001", 'a "b",\nc'), Message("34600000002", "ñ€😀")]
    write_sample(tmp_path / "few.csv", messages)
    assert read_sample("", tmp_path / "few.csv") == messages


A, B = Message("1", "a"), Message("2", "b")


@pytest.mark.parametrize(
    ("wanted", "arrived", "said"),
    [
        ([A, B], [B, A], []),
        ([A, B], [B], ["1: never came to X"]),
        ([A], [A, A], ["1: X got 'a' 1 times too many"]),
        ([A], [A, B], ["2: X got 'b' 1 times too many"]),
        ([A], [Message("1", "?")], ["1: X got '?', not 'a'"]),
    ],
    ids=["in any order", "missing", "twice", "not asked for", "another text"],
)
def test_differences_are_said_in_words(
    wanted: Sequence[Message], arrived: Sequence[Message], said: list[str]
) -> None:
    assert differences(wanted, arrived, "X") == said


def test_many_differences_are_shortened() -> None:
    lines = [str(n) for n in range(12)]
    assert shortened(lines) == [*lines[:10], "... and 2 more"]
    assert shortened(lines[:10]) == lines[:10]


def test_parts_that_modems_sent_are_put_together(tmp_path: Path) -> None:
    log = tmp_path / "modems.log"
    rows = [
        ("a", "+1", "lo", [7, 2, 2]),
        ("b", "+1", "Hey", [7, 2, 1]),
        ("a", "+1", "Hel", [7, 2, 1]),
        ("b", "+1", "!", [7, 2, 2]),
        ("a", "+2", "x", None),
        ("a", "+2", "x", None),
        ("a", "+1", "Bye", [7, 2, 1]),
        ("a", "+1", "!", [7, 2, 2]),
    ]
    names = ("modem", "number", "text", "place")
    log.write_text(
        "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    )
    came = sorted((one.number, one.text) for one in arrived_at_modems(log))
    wanted = [("1", "Bye!"), ("1", "Hello"), ("1", "Hey!"), ("2", "x"), ("2", "x")]
    assert came == wanted


def test_what_an_earlier_run_sends_again_is_not_held_against_this_one() -> None:
    assert without_earlier([A, A, B], [A, B], 1) == [A, B]
    assert without_earlier([A, A, A], [A], 1) == [A, A, A]
    assert without_earlier([A, A], [A], 0) == [A, A]
    assert without_earlier([B, B], [A], 1) == [B, B]


def test_line_breaks_arrive_at_the_script_as_spaces() -> None:
    assert flat([Message("1", "a\r\nb\tc")]) == [Message("1", "a  b c")]
