"""Sending from the dialplan: the installed command speaks AGI with a fake Asterisk."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from tests.cli.conftest import COMMAND, TIMEOUT_S, Run

ENVIRONMENT = (
    "agi_request: /usr/bin/massivesms\nagi_channel: PJSIP/100-00000001\n"
    "agi_language: es\nagi_type: PJSIP\nagi_callerid: 600111222\n"
    "agi_arg_1: agi\n\n"
)
BASE64 = re.compile(r"GET FULL VARIABLE \$\{BASE64_ENCODE\(\$\{(\w+)\}\)\}")
PLAIN = re.compile(r"GET VARIABLE (\w+)")
SET = re.compile(r'SET VARIABLE (\w+) "([^"\\\n]*)"')


class Dialplan:
    """A channel of Asterisk: its variables, and who answers commands by them.

    As res_agi documents it: "200 result=1 (value)", "200 result=0" without one.
    """

    def __init__(self, config: Config, *, has_base64: bool = True) -> None:
        self._config = config
        self._has_base64 = has_base64
        self.variables: dict[str, str] = {}
        self.asked: list[str] = []

    def run(self, **variables: str) -> Mapping[str, str]:
        """AGI(/usr/bin/massivesms,agi) with these variables; all of them after it."""
        self.variables = dict(variables)
        words = [str(COMMAND), "--config", str(self._config.file), "agi"]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin and process.stdout
            process.stdin.write(ENVIRONMENT)
            process.stdin.flush()
            for line in process.stdout:
                self.asked.append(line.rstrip("\n"))
                process.stdin.write(self._answer(self.asked[-1]) + "\n")
                process.stdin.flush()
            assert process.wait(TIMEOUT_S) == 0
        return self.variables

    def _answer(self, command: str) -> str:
        if found := BASE64.fullmatch(command):
            if not self._has_base64:
                return "200 result=1 ()"
            octets = self.variables.get(found[1], "").encode()
            return f"200 result=1 ({base64.b64encode(octets).decode()})"
        if found := PLAIN.fullmatch(command):
            value = self.variables.get(found[1])
            return "200 result=0" if value is None else f"200 result=1 ({value})"
        if found := SET.fullmatch(command):
            self.variables[found[1]] = found[2]
            return "200 result=1"
        return "510 Invalid or unknown command"


@pytest.fixture
def dialplan(config: Config, db: Database, spain: None) -> Dialplan:
    return Dialplan(config)


def queued(db: Database) -> list[tuple[str, str, str]]:
    sql = "SELECT number, text, state FROM message ORDER BY id"
    return db.atomically(lambda tx: list(tx.tuples(sql)))  # type: ignore[arg-type]


def test_a_message_goes_into_the_output_queue(dialplan: Dialplan, db: Database) -> None:
    after = dialplan.run(MASSIVESMS_NUMBER="600111222", MASSIVESMS_TEXT="Le llamamos")
    assert after["MASSIVESMS_STATUS"] == "QUEUED"
    assert after["MASSIVESMS_RESULT"].isdecimal()
    assert queued(db) == [("+34600111222", "Le llamamos", "queued")]


HOSTILE = (
    '"; touch PWNED; "',
    "$(touch PWNED)`touch PWNED`",
    "'; touch PWNED; '",
    "--config=/etc/passwd",
    "SET VARIABLE X y",
    "a,b|c) ${SHELL(touch PWNED)}",
    "ñ 👍 \\ %s",
)


def test_a_text_of_a_stranger_is_a_text_and_nothing_else(
    dialplan: Dialplan, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(HOSTILE)
    after = dialplan.run(MASSIVESMS_NUMBER="600111222", MASSIVESMS_TEXT=text)
    assert after["MASSIVESMS_STATUS"] == "QUEUED"
    assert queued(db)[0][1] == text
    assert not (tmp_path / "PWNED").exists()
    assert not any("PWNED" in line for line in dialplan.asked)
    assert "X" not in after


@pytest.mark.parametrize("number", ["\n".join(HOSTILE), "", "112"])
def test_what_is_no_number_is_refused_in_words_on_one_line(
    dialplan: Dialplan, db: Database, number: str
) -> None:
    after = dialplan.run(MASSIVESMS_NUMBER=number, MASSIVESMS_TEXT="Hola")
    assert after["MASSIVESMS_STATUS"] == "REFUSED"
    assert after["MASSIVESMS_RESULT"]
    assert queued(db) == []
    told = [line for line in dialplan.asked if line.startswith("SET")]
    assert len(told) == 2
    assert all(SET.fullmatch(line) for line in told)
    assert "X" not in after


def test_what_came_in_base64_is_passed_on_as_it_was(
    dialplan: Dialplan, db: Database
) -> None:
    text = "línea 1\nlínea 2, con coma"
    encoded = base64.b64encode(text.encode()).decode()
    dialplan.run(MASSIVESMS_NUMBER="600111222", MASSIVESMS_TEXT_BASE64=encoded)
    assert queued(db)[0][1] == text


def test_an_asterisk_without_base64_is_asked_plainly(
    config: Config, db: Database, spain: None
) -> None:
    dialplan = Dialplan(config, has_base64=False)
    dialplan.run(MASSIVESMS_NUMBER="600111222", MASSIVESMS_TEXT="Hola (sí)")
    assert queued(db)[0][1] == "Hola (sí)"


def test_trunk_and_sender_can_be_chosen(
    dialplan: Dialplan, db: Database, run: Run
) -> None:
    given = {"MASSIVESMS_NUMBER": "600111222", "MASSIVESMS_TEXT": "Hola"}
    after = dialplan.run(**given, MASSIVESMS_TRUNK="none")
    assert after["MASSIVESMS_STATUS"] in ("REFUSED", "FAILED")
    assert "none" in after["MASSIVESMS_RESULT"]
    dialplan.run(**given, MASSIVESMS_SENDER="Empresa")
    sql = "SELECT sender_id FROM message"
    assert db.atomically(lambda tx: tx.value(sql)) == "Empresa"


def test_who_calls_it_from_a_shell_is_told_what_it_is_for(run: Run) -> None:
    run("agi", input="hello\n").refused("massivesms send")
    run("agi", input="").refused("dialplan")
