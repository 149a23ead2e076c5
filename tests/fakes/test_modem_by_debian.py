"""The simulated modem is proved right by Debian's gammu and smstools.

Both know real modems and nothing of ours; they send and receive through it.
scripts/prepare modems brings them; without them these tests fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import MAKES, Behaviour
from tests.fakes.modem.server import Modem

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
NUMBER = "+34600111222"
WAIT_S = 60.0
LOOK_S = 0.1
TEXTS = {"single": "Hola, mañana @£$€{}", "long": "Hola " * 50, "ucs2": "Привет"}
#: What AT+CNMI was set to before: reports are stored, as both programs want it.
STORED = "2,1,0,2,0"


def program(name: str) -> str:
    """Its path; it is not enough that the test would be skipped without it."""
    ours = ROOT / ".programs" / "usr" / "sbin" / name
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    path = found or str(ours)
    assert Path(path).exists(), f"there is no {name}: run scripts/prepare modems"
    return path


@pytest.fixture(params=MAKES)
def modem(request: pytest.FixtureRequest) -> Iterator[Modem]:
    own = Behaviour(make=request.param, reports=0, routing=STORED)
    with Modem(own) as modem:
        yield modem


def come(modem: Modem) -> None:
    """Two messages for the modem: one plain, one in Unicode and in two parts."""
    modem.do(lambda stick: stick.deliver(pdu.deliver(NUMBER, "Sale mañana", NOON)))
    for part, text in enumerate(("Привет, ", "Мир"), start=1):
        whole = pdu.deliver(NUMBER, text, NOON, place=(7, 2, part))
        modem.do(lambda stick, whole=whole: stick.deliver(whole))


def assert_sent(modem: Modem) -> None:
    """All three texts arrived whole, and those in parts as one."""
    texts: dict[int, str] = {}
    for n, one in enumerate(modem.sent):
        assert one.number == NUMBER
        key = one.place[0] + 1000 if one.place else n
        texts[key] = texts.get(key, "") + one.text
    assert sorted(texts.values()) == sorted(TEXTS.values())
    assert {one.data_coding for one in modem.sent} == {0, 8}


class TestGammu:
    """Debian's gammu, the command line."""

    @pytest.fixture
    def gammu(self, modem: Modem, tmp_path: Path) -> Gammu:
        return Gammu(modem, tmp_path)

    def test_it_knows_the_modem(self, modem: Modem, gammu: Gammu) -> None:
        said = gammu("identify")
        own = modem.stick.behaviour
        assert own.imei in said and own.imsi in said
        assert MAKES[own.make][1] in said

    def test_it_sends_and_finds_the_reports(self, modem: Modem, gammu: Gammu) -> None:
        gammu("sendsms", "TEXT", NUMBER, "-text", TEXTS["single"], "-report")
        gammu("sendsms", "TEXT", NUMBER, "-text", TEXTS["long"], "-len", "400")
        gammu("sendsms", "TEXT", NUMBER, "-unicode", "-text", TEXTS["ucs2"])
        assert_sent(modem)
        said = gammu("getallsms")
        assert "SMS status report" in said
        assert "Delivered" in said

    def test_it_receives(self, modem: Modem, gammu: Gammu) -> None:
        come(modem)
        said = gammu("geteachsms")
        assert "Sale mañana" in said
        assert "Привет, Мир" in said
        gammu("deleteallsms", "1")
        assert modem.stick.storage == {}


class Gammu:
    """Runs gammu on a modem."""

    def __init__(self, modem: Modem, directory: Path) -> None:
        self._config = directory / "gammurc"
        self._log = directory / "gammu.log"
        self._config.write_text(
            f"[gammu]\nport = {modem.path}\nconnection = at115200\n"
            f"logfile = {self._log}\nlogformat = textall\n"
        )

    def __call__(self, command: str, *arguments: str) -> str:
        done = subprocess.run(
            [program("gammu"), "-c", str(self._config), command, *arguments],
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        log = self._log.read_text(errors="replace")[-2000:]
        assert done.returncode == 0, (done.stdout, done.stderr, log)
        return done.stdout


class TestSmstools:
    """Debian's smstools, its daemon in the foreground."""

    def test_it_sends_and_receives(self, modem: Modem, tmp_path: Path) -> None:
        come(modem)
        with smsd(modem, tmp_path) as spool:
            head = f"To: {NUMBER.removeprefix('+')}\nReport: yes\n"
            for name, coding in (("single", "UTF-8"), ("long", "UTF-8")):
                text = f"{head}Alphabet: {coding}\n\n{TEXTS[name]}"
                drop(spool, name, text.encode())
            ucs2 = f"{head}Alphabet: UCS2\n\n".encode()
            drop(spool, "ucs2", ucs2 + TEXTS["ucs2"].encode("utf-16-be"))
            until(spool, "sent", 3)
            until(spool, "report", 4)  # one for each part
            until(spool, "incoming", 2)
        assert_sent(modem)
        assert modem.stick.storage == {}, "what was read is deleted"
        assert not list((spool / "failed").iterdir())
        came = [file.read_text() for file in (spool / "incoming").iterdir()]
        assert all("From: 34600111222\n" in text for text in came)
        bodies = {text.partition("\n\n")[2] for text in came}
        assert bodies == {"Sale mañana", "Привет, Мир"}
        reports = [file.read_text() for file in (spool / "report").iterdir()]
        assert all("Status: 0,Ok" in text for text in reports)


@contextmanager
def smsd(modem: Modem, directory: Path) -> Iterator[Path]:
    """The daemon on a modem; its spool."""
    spools = ("outgoing", "checked", "incoming", "report", "sent", "failed")
    for name in spools:
        (directory / name).mkdir()
    config = directory / "smsd.conf"
    config.write_text(
        "devices = GSM1\nloglevel = 7\ndelaytime = 1\nstore_received_pdu = 0\n"
        "incoming_utf8 = yes\ndecode_unicode_text = yes\ninternal_combine = yes\n"
        f"logfile = {directory}/smsd.log\ninfofile = {directory}/smsd.info\n"
        f"pidfile = {directory}/smsd.pid\n"
        + "".join(f"{name} = {directory}/{name}\n" for name in spools)
        + f"[GSM1]\ndevice = {modem.path}\nincoming = high\nreport = yes\n"
        "baudrate = 115200\n"
    )
    running = subprocess.Popen(
        [program("smsd"), "-t", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield directory
    finally:
        running.terminate()
        try:
            running.wait(WAIT_S)
        finally:
            running.kill()


def drop(spool: Path, name: str, content: bytes) -> None:
    """Puts a message into the spool, whole at once."""
    unfinished = spool / name
    unfinished.write_bytes(content)
    unfinished.rename(spool / "outgoing" / name)


def until(spool: Path, name: str, files: int) -> None:
    """Until so many lie in one of its directories."""
    until_s = time.monotonic() + WAIT_S
    while len(list((spool / name).iterdir())) < files:
        if time.monotonic() > until_s:
            log = (spool / "smsd.log").read_text(errors="replace")
            raise AssertionError(f"{name}: {log[-4000:]}")
        time.sleep(LOOK_S)
