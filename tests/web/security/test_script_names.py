"""Script names: only a plain name of a file in the scripts' directory, and no shell.

How the service runs scripts is in tests/trunks/test_script_trunk.py (no text is ever
run, a clean environment) and test_script_limits.py (a name is no path).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store import trunks
from massivesms.store.db import Database
from tests.engine.world import Engine, World, numbered, wait_until
from tests.web.browser import Browser

NAMES = [
    "../evil.sh",
    "..",
    ".",
    "",
    "/bin/sh",
    "sub/evil.sh",
    "..%2fevil.sh",
    "%2e%2e%2fevil.sh",
    "send.sh\x00.txt",
    "a;id",
    "$(id)",
    "`id`",
    "a|id",
    "-c id",
    "send.sh\n/bin/sh",
    "link.sh",
    "directory",
    "plain.txt",
]


@pytest.fixture
def scripts(config: Config, tmp_path: Path) -> Path:
    """A good script, and much that is none."""
    good = "#!/bin/sh\necho '0;sent;0;0'\n"
    for file in (config.scripts_dir / "send.sh", tmp_path / "evil.sh"):
        file.write_text(good)
        file.chmod(0o755)
    (config.scripts_dir / "sub").mkdir()
    (config.scripts_dir / "sub" / "evil.sh").write_text(good)
    (config.scripts_dir / "link.sh").symlink_to(tmp_path / "evil.sh")
    (config.scripts_dir / "directory").mkdir()
    (config.scripts_dir / "plain.txt").write_text(good)
    return config.scripts_dir


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_the_form_refuses_what_is_no_script(
    client: Browser, db: Database, scripts: Path, name: str
) -> None:
    values = {"name": "S", "priority": "1", "active": "y", "script": name}
    client.send("/trunks/new/script", values)
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


def test_a_script_of_the_directory_is_taken(
    client: Browser, db: Database, scripts: Path
) -> None:
    values = {"name": "S", "priority": "1", "active": "y", "script": "send.sh"}
    client.send("/trunks/new/script", values)
    with db.transaction() as tx:
        assert len(trunks.all_trunks(tx)) == 1


def test_a_link_that_was_put_there_later_is_not_followed(
    config: Config, db: Database, scripts: Path, tmp_path: Path
) -> None:
    """Between the form and the sending somebody replaces the file."""
    world = World(config, db)
    trunk_id = world.trunk("S", values={"script": "send.sh"})
    trap = tmp_path / "evil.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/caught\necho '0;sent;0;0'\n")
    (scripts / "send.sh").unlink()
    (scripts / "send.sh").symlink_to(trap)
    world.campaign("C", numbered(1))
    with Engine(config):
        world.wait_for_session(trunk_id, "waiting")
    assert not (tmp_path / "caught").exists()


def test_a_text_that_looks_like_a_command_is_inert(
    config: Config, db: Database, scripts: Path, tmp_path: Path
) -> None:
    world = World(config, db)
    world.trunk("S", values={"script": "send.sh"})
    x = tmp_path / "x"
    text = f"$(touch {x}) `touch {x}` ; touch {x} | touch {x} & touch {x} \n touch {x}"
    made = world.campaign("C", numbered(1), text=text)
    with Engine(config):
        wait_until(lambda: world.row(made)["counts"].get("submitted") == 1, 20)
    assert not x.exists()
