"""Runs packaging/init/massivesms* around a small command that notes its calls."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "init" / "massivesms"
PAGES = SCRIPT.with_name("massivesms-web")
FAKE = """#!/bin/sh
echo "$(id -un) ${MASSIVESMS_CONFIG-none} $*" >>"${0%/*}/calls"
echo "said by $2"
exit "$(cat "${0%/*}/status-$2" 2>/dev/null || echo 0)"
"""
ME = pwd.getpwuid(os.getuid()).pw_name
only_root = pytest.mark.skipif(os.getuid() != 0, reason="changes the user")


class Init:
    """The init script with its own settings, command and run directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.service_script = SCRIPT
        self.run_dir = directory / "run"
        self.command = directory / "massivesms"
        self.command.write_text(FAKE)
        self.command.chmod(0o755)
        self.settings = directory / "settings"
        self.set(MASSIVESMS_COMMAND=self.command, MASSIVESMS_RUN_DIR=self.run_dir)

    def set(self, **settings: object) -> None:
        """Add lines to the settings file, as /etc/default/massivesms has them."""
        with self.settings.open("a") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def command_ends_with(self, verb: str, status: int) -> None:
        (self.directory / f"status-{verb}").write_text(str(status))

    def run(
        self, *argv: str, script: Path = SCRIPT
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script, *argv],
            env={
                "PATH": "/usr/bin:/bin",
                "MASSIVESMS_SETTINGS": str(self.settings),
                "MASSIVESMS_INIT_SCRIPT": str(self.service_script),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def calls(self) -> list[str]:
        """One line a call: user, MASSIVESMS_CONFIG or none, arguments."""
        path = self.directory / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def init() -> Iterator[Init]:
    # Not tmp_path: the service's user must be able to come in.
    directory = Path(tempfile.mkdtemp(prefix="massivesms-init-"))
    directory.chmod(0o777)
    yield Init(directory)
    shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("argument", "verb"),
    [
        ("start", "start"),
        ("stop", "stop"),
        ("restart", "restart"),
        ("force-reload", "restart"),
        ("status", "status"),
    ],
)
def test_each_argument_is_one_call_of_the_command(
    init: Init, argument: str, verb: str
) -> None:
    done = init.run(argument)
    assert (done.returncode, done.stdout) == (0, f"said by {verb}\n")
    assert init.calls() == [f"{ME} none service {verb}"]


@pytest.mark.parametrize(
    ("argument", "status"),
    [("start", 1), ("stop", 1), ("restart", 1), ("status", 3), ("status", 0)],
)
def test_the_commands_exit_status_is_the_scripts(
    init: Init, argument: str, status: int
) -> None:
    init.command_ends_with(argument, status)
    assert init.run(argument).returncode == status


@pytest.mark.parametrize("argv", [[], ["begin"], ["--help"], [""]])
def test_wrong_usage_is_2_and_says_what_there_is(init: Init, argv: list[str]) -> None:
    done = init.run(*argv)
    assert done.returncode == 2
    assert "{start|stop|restart|force-reload|reload|status}" in done.stderr
    assert init.calls() == []


def test_the_configuration_file_is_handed_on(init: Init) -> None:
    init.set(MASSIVESMS_CONFIG="/etc/two words.conf")
    init.run("start")
    assert init.calls() == [f"{ME} /etc/two words.conf service start"]


def test_start_makes_the_run_directory_and_status_does_not(init: Init) -> None:
    init.run("status")
    assert not init.run_dir.exists()
    init.run("start")
    assert init.run_dir.stat().st_mode & 0o777 == 0o755


def test_a_run_directory_that_cannot_be_made_is_said(init: Init) -> None:
    init.set(MASSIVESMS_RUN_DIR="/proc/massivesms")
    done = init.run("start")
    assert done.returncode == 4
    assert "cannot create /proc/massivesms" in done.stderr
    assert init.calls() == []


@pytest.mark.parametrize(("argument", "status"), [("start", 5), ("status", 4)])
def test_a_command_that_is_not_installed_is_said(
    init: Init, argument: str, status: int
) -> None:
    init.set(MASSIVESMS_COMMAND="/nowhere/massivesms")
    done = init.run(argument)
    assert done.returncode == status
    assert "/nowhere/massivesms is not installed" in done.stderr


def test_a_user_that_does_not_exist_is_said(init: Init) -> None:
    init.set(MASSIVESMS_USER="no-such-user")
    done = init.run("start")
    assert done.returncode == 6
    assert "there is no user no-such-user" in done.stderr


@only_root
@pytest.mark.parametrize("argument", ["start", "stop", "restart", "status"])
def test_root_becomes_the_services_user(init: Init, argument: str) -> None:
    init.set(MASSIVESMS_USER="nobody", MASSIVESMS_CONFIG="/etc/two words.conf")
    init.command_ends_with(argument, 3)
    assert init.run(argument).returncode == 3
    assert init.calls() == [f"nobody /etc/two words.conf service {argument}"]


@only_root
def test_where_there_is_no_runuser_su_does_the_same(init: Init) -> None:
    without = init.directory / "script"
    without.write_text(SCRIPT.read_text().replace("command -v runuser", "false"))
    without.chmod(0o755)
    init.set(MASSIVESMS_USER="nobody", MASSIVESMS_CONFIG="/etc/two $(words).conf")
    init.command_ends_with("start", 1)
    assert init.run("start", script=without).returncode == 1
    assert init.calls() == ["nobody /etc/two $(words).conf service start"]


@only_root
def test_the_run_directory_belongs_to_the_services_user(init: Init) -> None:
    init.run_dir.mkdir()  # by root, as an earlier start without a user left it
    init.set(MASSIVESMS_USER="nobody")
    init.run("start")
    assert init.run_dir.owner() == "nobody"


def test_the_services_own_user_needs_no_root(init: Init) -> None:
    init.set(MASSIVESMS_USER=ME)
    assert init.run("stop").returncode == 0
    assert init.calls() == [f"{ME} none service stop"]


def test_reload_asks_the_running_service(init: Init) -> None:
    assert init.run("reload").returncode == 0
    assert init.calls() == [f"{ME} none service status", f"{ME} none service reload"]


def test_reload_of_a_stopped_service_is_7(init: Init) -> None:
    init.command_ends_with("status", 3)
    done = init.run("reload")
    assert done.returncode == 7
    assert "does not run" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "# chkconfig: 2345 91 19",
        "### BEGIN INIT INFO",
        "# Provides:          massivesms",
        "# Should-Start:      $time mysql mariadb asterisk",
        "### END INIT INFO",
    ],
)
def test_the_header_says_what_init_systems_look_for(line: str) -> None:
    assert line in SCRIPT.read_text().splitlines()


@pytest.mark.parametrize("script", [SCRIPT, PAGES])
def test_it_is_a_script_of_sh_that_may_be_executed(script: Path) -> None:
    assert script.read_text().startswith("#!/bin/sh\n")
    assert script.stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize(
    ("argument", "verb"),
    [("start", "start"), ("stop", "stop"), ("status", "status"), ("reload", "restart")],
)
def test_the_script_of_the_pages_does_the_same_with_web(
    init: Init, argument: str, verb: str
) -> None:
    done = init.run(argument, script=PAGES)
    assert (done.returncode, done.stdout) == (0, f"said by {verb}\n")
    assert init.calls() == [f"{ME} none web {verb}"]


def test_the_pages_have_a_header_of_their_own() -> None:
    lines = PAGES.read_text().splitlines()
    assert "# Provides:          massivesms-web" in lines
    assert "# chkconfig: 2345 92 18" in lines, "after the service, and down before it"


def test_the_script_of_the_pages_without_the_services_is_5(init: Init) -> None:
    init.service_script = init.directory / "nowhere"
    done = init.run("start", script=PAGES)
    assert done.returncode == 5
    assert "nowhere is missing" in done.stderr
