"""What setup finds on the machine and does not like: keys, files, Apache, users."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import in_process
from tests.setup.conftest import Server, Setup
from tests.setup.looking import unchanged
from tests.setup.pbx_root import PbxRoot


def test_a_sign_on_key_that_others_could_read_is_made_anew(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    root.freepbx()
    server.pbx()
    setup().done()
    key = conf.parent / "sso.key"
    for spoil in (lambda: key.chmod(0o644), lambda: key.write_text("short")):
        old = key.read_text()
        spoil()
        assert "sso.key" in setup("--dry-run").done().out
        assert "a new key" in setup().done().out
        assert key.read_text() not in (old, "short")
        assert stat.S_IMODE(key.stat().st_mode) == 0o640


def test_a_secret_key_is_hidden_but_never_replaced(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    setup().done()
    key = conf.parent / "secret.key"
    old = key.read_text()
    key.chmod(0o644)
    assert "mode 0644 to 0600" in setup().done().out
    assert (key.read_text(), stat.S_IMODE(key.stat().st_mode)) == (old, 0o600)
    key.write_text("damaged")
    before = root.snapshot()
    setup().refused("secret.key is damaged", "backup", "Nothing was changed")
    assert root.snapshot() == before


def test_a_configuration_that_others_could_read_is_hidden(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    setup().done()
    conf.chmod(0o644)
    assert f"{conf}: mode 0644 to 0640" in setup().done().out
    assert stat.S_IMODE(conf.stat().st_mode) == 0o640


def test_a_menu_tool_that_is_missing_is_known_before(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.red_hat()
    root.issabel()
    (root.path / "usr/sbin/issabel-menumerge").unlink()
    words = ("issabel-menumerge", "--pbx none")
    unchanged(root, server, setup, *words)


@pytest.mark.parametrize(
    "name", ["freepbx/massivesms/module.xml", "apache/massivesms.conf"]
)
def test_files_that_are_missing_are_known_before(
    root: PbxRoot, server: Server, setup: Setup, name: str
) -> None:
    root.debian()
    root.freepbx()
    server.pbx()
    (root.share / name).unlink()
    unchanged(root, server, setup, f"{name} is missing", "--share DIR")


def test_a_program_s_last_words_are_said_and_the_rest_is_done(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.freepbx()
    server.pbx()
    root.fails("fwconsole", "Traceback\nNo space left on device\n\n")
    ran = setup()
    words = ("fwconsole ma install massivesms ended with status 3", "1 of ")
    ran.refused(*words, "No space left on device.", "what is done stays done")
    assert "service massivesms start" in root.calls
    root.works("fwconsole")
    assert "made             module 1.0" in setup().done().out


def test_what_apache_refuses_is_taken_back(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.fails("apachectl", "AH00526: Syntax error on line 9\n")
    ran = setup()
    ran.refused("Syntax error on line 9", "taken back")
    assert not (root.path / "etc/apache2/conf-available/massivesms.conf").exists()
    assert not os.path.lexists(root.path / "etc/apache2/conf-enabled/massivesms.conf")


def test_apache_is_told_only_when_it_runs(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.write("run/apache2/apache2.pid", f"{os.getpid()}\n")
    setup().done()
    assert root.calls.count("apachectl graceful") == 1
    setup("--uninstall").done()
    assert root.calls.count("apachectl graceful") == 2


def test_a_file_of_apache_that_was_changed_is_kept_beside(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    setup().done()
    file = root.path / "etc/apache2/conf-available/massivesms.conf"
    file.write_text("# mine\n")
    assert "massivesms.conf.before-setup" in setup().done().out
    assert file.with_name("massivesms.conf.before-setup").read_text() == "# mine\n"


def test_a_user_that_cannot_be_made_stops_what_needs_it(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    before = root.snapshot()
    assert "would make       user nobody-sms" in (
        setup("--user", "nobody-sms", "--dry-run").done().out
    )
    assert root.snapshot() == before
    ran = setup("--user", "nobody-sms")
    ran.refused("useradd", "it is not installed")
    assert "not done         massivesms runs" in ran.out
    assert not any(call.startswith("service") for call in root.calls)


def test_uninstalling_does_not_need_a_good_pbx_file(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.freepbx()
    server.pbx()
    setup().done()
    root.write("etc/freepbx.conf", "broken")
    ran = setup("--uninstall")
    assert ran.code == 0
    assert "freepbx.conf, line 1" in ran.err
    assert "fwconsole ma uninstall massivesms" in root.calls


def test_an_upgrade_does_not_need_a_good_pbx_file(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.freepbx()
    server.pbx()
    setup().done()
    root.write("etc/freepbx.conf", "broken")
    server.rows("REVOKE DELETE ON massivesms.message FROM massivesms@localhost")
    ran = setup("--upgrade")
    assert ran.code == 0
    assert "freepbx.conf, line 1" in ran.err
    assert "rights of massivesms@localhost: given on 1 tables" in ran.out


def test_two_opposite_options_are_wrong_usage(root: PbxRoot, setup: Setup) -> None:
    setup("--uninstall", "--upgrade").misused("--upgrade")


def test_only_root_sets_a_real_machine_up() -> None:
    me = os.geteuid()
    try:
        os.seteuid(me or 65534)  # root becomes nobody for a moment
        in_process("setup", "--dry-run").refused("Only root", "sudo")
    finally:
        os.seteuid(me)
