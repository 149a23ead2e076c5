"""Runs scripts/trunk-scripts/sample, the script that sysadmins copy."""

import os
import subprocess
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "scripts" / "trunk-scripts" / "sample"


class Sample:
    """The script, with a log file and a temporary directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "sent.log"

    def run(self, *argv: str, **environment: str) -> list[str]:
        """The lines that it answers; it must end with 0 and say nothing else."""
        clean = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.directory)}
        done = subprocess.run(
            [SAMPLE, *argv],
            env=clean | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    def send(self, *argv: str, **environment: str) -> list[str]:
        return self.run(*argv, SMS_SAMPLE_LOG=str(self.log), **environment)

    def logged(self) -> list[list[str]]:
        lines = self.log.read_text().splitlines()
        return [line.split("\t")[1:] for line in lines]


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path)


def test_it_may_be_used_as_a_trunk_script() -> None:
    mode = SAMPLE.stat().st_mode & 0o777
    assert mode & 0o111 == 0o111, "everyone may execute it"
    assert mode & 0o022 == 0, "only its owner may write it"
    assert not SAMPLE.is_symlink()


def test_a_message_is_logged_and_answered_as_sent(sample: Sample) -> None:
    assert sample.send("100", "+595981123456", "¿Qué tal, ñandú?", "") == ["0;OK;0;0"]
    assert sample.logged() == [["100", "+595981123456", "0", "¿Qué tal, ñandú?"]]


def test_the_unicode_flag_is_logged(sample: Sample) -> None:
    sample.send("100", "595981123456", "Привет 🎉", "1")
    assert sample.logged()[0][2:] == ["1", "Привет 🎉"]


@pytest.mark.parametrize(
    "text",
    [
        "$(touch owned)",
        "`touch owned`",
        '"; touch owned; "',
        "'; touch owned; '",
        "-n",
        "%s%n\\n",
        "a;b;1;1",
        "*",
        "",
    ],
)
def test_a_text_is_never_more_than_a_text(
    sample: Sample, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample.directory)
    assert sample.send("100", "595981123456", text, "") == ["0;OK;0;0"]
    assert sample.logged()[0][3] == text
    assert os.listdir(sample.directory) == ["sent.log"]


def test_a_text_of_several_lines_is_one_line_of_the_log(sample: Sample) -> None:
    sample.send("100", "595981123456", "one\r\ntwo\tthree", "")
    assert [row[3] for row in sample.logged()] == ["one  two three"]


@pytest.mark.parametrize(
    "number",
    ["", "+", "12a4", "59598 1", "-595981", "+595;981", "++595981"],
)
def test_a_bad_number_fails_the_message_and_not_the_trunk(
    sample: Sample, number: str
) -> None:
    (line,) = sample.send("100", number, "text", "")
    ret_code, _, stop_trunk, stop_message = line.split(";")
    assert (ret_code, stop_trunk, stop_message) == ("1", "0", "1")
    assert not sample.log.exists()


def test_without_arguments_it_answers_too(sample: Sample) -> None:
    assert sample.send() == ["1;empty destination;0;1"]


def test_a_dry_run_answers_and_sends_nothing(sample: Sample) -> None:
    (line,) = sample.send("100", "595981123456", "text", "", SMS_DRY_RUN="1")
    assert line == "0;dry run, nothing was sent;0;0"
    assert not sample.log.exists()


def test_a_log_that_cannot_be_written_is_the_trunks_trouble(sample: Sample) -> None:
    sample.log.mkdir()
    (line,) = sample.send("100", "595981123456", "text", "")
    assert line == f"1;cannot write to {sample.log};0;0"


def test_the_log_of_its_own_is_read_by_its_owner_only(sample: Sample) -> None:
    assert sample.run("100", "595981123456", "text", "") == ["0;OK;0;0"]
    directory = sample.directory / f"massivesms-sample-{os.getuid()}"
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "sent.log").stat().st_mode & 0o777 == 0o600


def test_a_link_laid_in_the_temporary_directory_is_not_followed(
    sample: Sample,
) -> None:
    elsewhere = sample.directory / "elsewhere"
    elsewhere.mkdir()
    trap = sample.directory / f"massivesms-sample-{os.getuid()}"
    trap.symlink_to(elsewhere)
    (line,) = sample.run("100", "595981123456", "text", "")
    assert line == f"1;{trap} is not ours;0;0"
    assert list(elsewhere.iterdir()) == []
