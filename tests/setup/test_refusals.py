"""What cannot be: said in one line with what to do, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.conftest import Server, Setup, rows
from tests.setup.looking import unchanged
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


# --- programs that are missing or fail -----------------------------------------------
