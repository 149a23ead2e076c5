"""What cannot be: said in one line with what to do, and nothing is changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import in_process
from tests.setup.conftest import Server, Setup, rows
from tests.setup.pbx_root import AMP, PbxRoot, php

GOOD = php(AMP)
LINE = "$amp_conf['AMPDBNAME'] = 'asterisk';"
#: name -> (file, its text, words of the refusal)
MALFORMED = {
    "cut off in a text": (
        "freepbx.conf",
        "<?php\n$amp_conf['AMPDBUSER'] = 'freepbx",
        ["freepbx.conf, line 2", "a text that begins has no end"],
    ),
    "cut off in a comment": (
        "freepbx.conf",
        f"<?php\n{LINE}\n/* and so",
        ["freepbx.conf, line 3", "a comment that begins has no end"],
    ),
    "no PHP": ("freepbx.conf", "AMPDBNAME=asterisk\n", ["line 1", "<?php"]),
    "empty": ("freepbx.conf", "", ["freepbx.conf, line 1", "<?php"]),
    "nothing said": ("freepbx.conf", "<?php\n$a = 1;\n", ["AMPDBUSER", "line 1"]),
    "no semicolon": (
        "freepbx.conf",
        f"<?php\n{LINE[:-1]}\n$amp_conf['AMPDBUSER'] = 'u';\n",
        ["freepbx.conf, line 2", "the ; at the end is missing"],
    ),
    "no bracket": (
        "freepbx.conf",
        "<?php\n\n$amp_conf['AMPDBNAME' = 'asterisk';\n",
        ["line 3", "the ] after AMPDBNAME is missing"],
    ),
    "no value": (
        "issabelpbx.conf",
        "<?php\n$amp_conf['AMPDBNAME'] = ;\n",
        ["issabelpbx.conf, line 2", "AMPDBNAME is given no value"],
    ),
    "a value that is computed": (
        "freepbx.conf",
        "<?php\n$amp_conf['AMPDBNAME'] = getenv('DB');\n",
        ["line 2", "AMPDBNAME is not a plain text between quotes"],
    ),
    "no port": (
        "freepbx.conf",
        GOOD.replace("?>", "$amp_conf['AMPDBPORT'] = 'x';"),
        ["AMPDBPORT is not a port: x"],
    ),
    "no pair": (
        "amportal.conf",
        "AMPDBUSER=u\n\n!what\n",
        ["amportal.conf, line 3", "neither KEY=VALUE nor a comment"],
    ),
    "binary": ("freepbx.conf", "\0\1\2\xff", ["freepbx.conf, line 1"]),
    "the framework alone": (
        "issabel.conf",
        "mysqlrootpwd=x\n",
        ["issabel.conf is there, but no file", "/etc/freepbx.conf", "--pbx none"],
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_named_with_its_line(
    root: PbxRoot, server: Server, setup: Setup, name: str
) -> None:
    root.debian()
    file, text, words = MALFORMED[name]
    root.write(f"etc/{file}", text)
    unchanged(root, server, setup, *words)


def unchanged(
    root: PbxRoot,
    server: Server,
    setup: Setup,
    *words: str,
    options: tuple[object, ...] = (),
    stdin: str | None = None,
) -> None:
    """Refused with these words, and the machine is as it was."""
    before = root.snapshot(), server.state()
    setup(*options, input=stdin).refused(*words, "othing was changed")
    assert (root.snapshot(), server.state()) == before
    assert root.calls == []


def test_a_file_that_cannot_be_read_is_named(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    (root.path / "etc/freepbx.conf").mkdir()  # root may read every mode
    unchanged(root, server, setup, "/etc/freepbx.conf cannot be read")


def test_a_pbx_that_is_not_there_is_not_invented(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    options = ("--pbx", "freepbx")
    unchanged(root, server, setup, "no file says where", options=options)


def test_a_pbx_can_be_passed_over(root: PbxRoot, server: Server, setup: Setup) -> None:
    root.debian()
    root.write("etc/freepbx.conf", "broken")
    out = setup("--pbx", "none").done().out
    assert "no PBX" in out
    assert "fwconsole" not in " ".join(root.calls)


def test_the_file_says_which_pbx_and_no_option_changes_it(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.freepbx()
    root.write("etc/massivesms/massivesms.conf", "[pbx]\nkind = freepbx\n")
    words = ("massivesms.conf says [pbx] kind = freepbx", "Change it there")
    unchanged(root, server, setup, *words, options=("--pbx", "issabel"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[databse]\n", ["massivesms.conf", "databse"]),
        ("[database]\nport = x\n", ["port of [database] is not a port: x"]),
        ("user = x\n", ["massivesms.conf", "line: 1"]),
    ],
)
def test_a_configuration_that_is_wrong_is_left_alone(
    root: PbxRoot, server: Server, setup: Setup, text: str, words: list[str]
) -> None:
    root.debian()
    root.write("etc/massivesms/massivesms.conf", text)
    unchanged(root, server, setup, *words)


@pytest.mark.parametrize("user", ["root", "freepbxuser"])
def test_the_pbx_s_own_user_is_not_cut_down(
    root: PbxRoot, server: Server, setup: Setup, user: str
) -> None:
    root.debian()
    root.freepbx()
    root.write("etc/massivesms/massivesms.conf", f"[database]\nuser = {user}\n")
    unchanged(root, server, setup, f"user = {user}", "not massivesms's own")


# --- the database ------------------------------------------------------------------


def test_an_empty_password_is_no_password(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    root.write("etc/massivesms/massivesms.conf", "[database]\npassword =\n")
    unchanged(root, server, setup, "[database] password", "Take that line out")


def test_a_port_that_is_none_is_said(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    setup("--db-socket", "", "--db-host", "db:x").refused("--db-host db:x")


def test_a_wrong_root_password_is_said(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    server.rows("CREATE USER boss@localhost IDENTIFIED BY 'right'")
    how = ("--db-root-user", "boss", "--db-root-password-stdin")
    words = ("Access denied", "--db-root-password-stdin")
    unchanged(root, server, setup, *words, options=how, stdin="wrong\n")


def test_a_root_who_may_not_do_it_is_said(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    server.rows("CREATE USER boss@localhost IDENTIFIED BY 'right'")
    server.rows("GRANT SELECT ON mysql.* TO boss@localhost")
    how = ("--db-root-user", "boss", "--db-root-password-stdin")
    ran = setup(*how, input="right\n")
    assert ran.code == 1
    assert "FAILED           database massivesms" in ran.out
    ran.refused("Access denied")
    assert "not done         massivesms runs" in ran.out
    assert "service massivesms start" not in root.calls


def test_a_database_that_is_away_is_said(
    root: PbxRoot, server: Server, setup: Setup, tmp_path: Path
) -> None:
    root.debian()
    before = root.snapshot()
    where = ("--db-socket", tmp_path / "none.sock")
    setup(*where).refused("cannot be reached", "none.sock")
    assert root.snapshot() == before


def test_issabel_s_root_password_is_tried(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.red_hat()
    root.issabel()
    server.rows("CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY 'kept=here'")
    server.rows("GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION")
    root.write("etc/issabel.conf", "mysqlrootpwd=kept=here\n")
    where = ("--db-socket", "", "--db-host", f"127.0.0.1:{server.mariadb.port}")
    try:
        setup(*where).done()
        assert rows(server.over_tcp(conf), "SELECT COUNT(*) FROM campaign") == [(1,)]
        assert "kept=here" not in conf.read_text()
        root.write("etc/issabel.conf", "mysqlrootpwd=wrong\n")
        setup(*where).refused("Access denied")
        root.write("root/.my.cnf", '[client]\nno-beep\npassword="kept=here"\n')
        setup(*where).done()
    finally:
        server.rows("DROP USER root@'127.0.0.1'")


# --- keys --------------------------------------------------------------------------


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


# --- programs that are missing or fail -----------------------------------------------


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
