"""An upgrade brings what is new; taking away keeps the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.conftest import Server, Setup, rows
from tests.setup.generations import Generation, freepbx17, issabel5
from tests.setup.pbx_root import PbxRoot


@pytest.mark.parametrize("generation", [freepbx17, issabel5])
def test_taking_away_keeps_the_data(
    root: PbxRoot, server: Server, setup: Setup, generation: Generation, conf: Path
) -> None:
    generation(root)
    server.pbx()
    fresh = set(root.snapshot())
    setup().done()
    way = server.application(conf)
    rows(way, "INSERT INTO setting VALUES ('country_code', '34', NOW())")
    before, key = conf.read_bytes(), (conf.parent / "secret.key").read_bytes()
    out = setup("--uninstall").done().out
    assert "DROP DATABASE massivesms" in out
    assert rows(way, "SELECT value FROM setting WHERE name = 'country_code'")
    assert conf.read_bytes() == before
    assert (conf.parent / "secret.key").read_bytes() == key
    left = {name for name in set(root.snapshot()) - fresh if "massivesms" in name}
    kept = ("etc/massivesms", "etc/default", "etc/sysconfig", "var/l")
    assert all(name.startswith(kept) for name in left), left
    assert not (conf.parent / "sso.key").exists()
    again = setup("--uninstall").done()
    assert "removed" not in again.out and "stopped" not in again.out
    out = setup().done().out  # and it all comes back
    assert "as it should be  user massivesms of the database" in out
    assert "made             directory" not in out


def test_an_upgrade_before_setup_says_so(root: PbxRoot, setup: Setup) -> None:
    freepbx17(root)
    ran = setup("--upgrade").done()
    assert "not set up here yet" in ran.out
    assert root.calls == []


def test_an_upgrade_brings_tables_rights_and_menu(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    freepbx17(root)
    server.pbx()
    setup().done()
    server.rows("DELETE FROM massivesms.schema_migration WHERE version = 6")
    server.rows("DROP TABLE massivesms.taken_over")
    root.write(
        "usr/share/massivesms/freepbx/massivesms/page.massivesms.php", "<?php // 2\n"
    )
    (root.path / "var/www/html/admin/modules/massivesms/old.php").touch()
    done = len(root.calls)
    out = setup("--upgrade").done().out
    assert "changed          tables (1 steps of the schema)" in out
    assert "changed          module: 2 files" in out
    assert root.calls[done:] == []
    rows(server.application(conf), "SELECT COUNT(*) FROM taken_over")


def test_an_upgrade_goes_on_when_the_menu_cannot_be_brought_up(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    freepbx17(root)
    server.pbx()
    setup().done()
    server.rows("UPDATE asterisk.modules SET version = '0.9'")
    root.fails("fwconsole", "Error!\nThe module is broken\n")
    ran = setup("--upgrade")
    out = ran.done().out
    assert "FAILED" in out and "The module is broken" in out
