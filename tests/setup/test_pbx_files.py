"""PBX files of every generation are read as text, and bad ones named by their line."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from massivesms.errors import SetupError
from massivesms.setup import pbx
from massivesms.setup.machine import Machine
from massivesms.setup.pbx_files import read_pairs, read_php
from tests.setup.pbx_root import AMP, php

KEY = "$amp_conf['AMPDBPASS'] = "
PHP = [
    pytest.param(f"{KEY}'plain';", "plain", id="single quotes"),
    pytest.param(f'{KEY}"plain";', "plain", id="double quotes"),
    pytest.param('$amp_conf["AMPDBPASS"]="x";', "x", id="key in double quotes"),
    pytest.param("$amp_conf [ 'AMPDBPASS' ]\n =\n 'x' ;", "x", id="spaces and lines"),
    pytest.param(f"{KEY}'it\\'s \\\\ \\n';", r"it's \ \n", id="escapes in single"),
    pytest.param(rf'{KEY}"a\"b\\c\$d\x41\101\t";', 'a"b\\c$dAA\t', id="in double"),
    pytest.param(f"{KEY}'a;b//c#d/*e';", "a;b//c#d/*e", id="marks inside a text"),
    pytest.param(f"{KEY}'ñ€';", "ñ€", id="not ASCII"),
    pytest.param(f"{KEY}3306;", "3306", id="a number"),
    pytest.param(f"{KEY}'';", "", id="empty"),
    pytest.param(f"{KEY}'a'; {KEY}'b';", "b", id="the last one counts"),
    pytest.param(f"// {KEY}'no';\n{KEY}'x'; // ';", "x", id="comment //"),
    pytest.param(f"# {KEY}'no';\n{KEY}'x';", "x", id="comment #"),
    pytest.param(f"/* {KEY}'no'; */{KEY}/* so */'x';", "x", id="comment /* */"),
    pytest.param(f"{KEY}'x' ?>\n{KEY}'no';", "x", id="the end of PHP"),
    pytest.param(f"if ($a) {{ {KEY}'x'; }}", "x", id="inside a block"),
    pytest.param(f"if ($amp_conf['AMPDBPASS'] == 'no') f(); {KEY}'x';", "x", id="=="),
    pytest.param(f"@include_once('x.php');\n{KEY}'x';", "x", id="include"),
]


@pytest.mark.parametrize(("text", "password"), PHP)
def test_php_is_read_as_php_would(tmp_path: Path, text: str, password: str) -> None:
    file = tmp_path / "freepbx.conf"
    file.write_text(f"<?php\n{text}\n")
    assert read_php(file).text("AMPDBPASS") == password


def test_php_is_never_executed(tmp_path: Path) -> None:
    file = tmp_path / "freepbx.conf"
    victim = tmp_path / "victim"
    file.write_text(f"<?php touch('{victim}'); `touch {victim}`; {KEY}'x';")
    assert read_php(file).text("AMPDBPASS") == "x"
    assert not victim.exists()


@pytest.mark.parametrize(
    "text", [f"{KEY}getenv('P');", f"{KEY}'a' . 'b';", f'{KEY}"a$b";', f"{KEY}P;"]
)
def test_a_value_that_php_computes_is_refused_when_it_is_needed(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "freepbx.conf"
    file.write_text(f"<?php\n\n{text}\n$amp_conf['AMPDBNAME'] = 'asterisk';\n")
    read = read_php(file)
    assert read.text("AMPDBNAME") == "asterisk"
    with pytest.raises(SetupError, match=r"line 3: AMPDBPASS is not a plain text"):
        read.text("AMPDBPASS")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("AMPDBPASS=a b=c#d", "a b=c#d"),
        ("  AMPDBPASS = x  ", "x"),
        ("AMPDBPASS='x y'", "x y"),
        ('AMPDBPASS="x"', "x"),
        ("export AMPDBPASS=x", "x"),
        ("AMPDBPASS=", ""),
        ("AMPDBPASS='", "'"),
    ],
)
def test_pairs_are_read(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / "amportal.conf"
    file.write_text(f"# a comment\n; another\n\n{line}\n")
    assert read_pairs(file).text("AMPDBPASS") == value


def found(tmp_path: Path, files: dict[str, str], wanted: str = "") -> pbx.Pbx:
    for name, text in files.items():
        path = tmp_path / "etc" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return pbx.find(Machine(tmp_path), wanted)


FILE, PAIRS = php(AMP), "AMPDBUSER=u\nAMPDBNAME=asterisk2\n"


@pytest.mark.parametrize(
    ("files", "kind", "main"),
    [
        pytest.param({}, "", None, id="none"),
        pytest.param({"freepbx.conf": FILE}, "freepbx", "freepbx.conf", id="FreePBX"),
        pytest.param(
            {"freepbx.conf": FILE, "amportal.conf": PAIRS},
            "freepbx",
            "freepbx.conf",
            id="FreePBX with amportal",
        ),
        pytest.param(
            {"issabelpbx.conf": FILE, "freepbx.conf": "broken"},
            "issabel",
            "issabelpbx.conf",
            id="Issabel 5",
        ),
        pytest.param(
            {"freepbx.conf": FILE, "issabel.conf": "mysqlrootpwd=x\n"},
            "issabel",
            "freepbx.conf",
            id="Issabel 4",
        ),
        pytest.param(
            {"amportal.conf": PAIRS, "elastix.conf": "mysqlrootpwd=x\n"},
            "issabel",
            "amportal.conf",
            id="Elastix",
        ),
        pytest.param({"amportal.conf": PAIRS}, "freepbx", "amportal.conf", id="old"),
    ],
)
def test_the_pbx_is_found(
    tmp_path: Path, files: dict[str, str], kind: str, main: str | None
) -> None:
    pbx_ = found(tmp_path, files)
    assert pbx_.kind == kind
    assert (pbx_.file.name if pbx_.file else None) == main
    assert pbx_.database == ("asterisk2" if main == "amportal.conf" else "asterisk")


def test_call_records_elsewhere_are_found_in_either_file(tmp_path: Path) -> None:
    other = "CDRDBHOST=cdr.example\nCDRDBPORT=3307\nCDRDBUSER=r\nCDRDBNAME=calls\n"
    calls = found(tmp_path, {"freepbx.conf": FILE, "amportal.conf": other}).calls
    assert (calls.host, calls.port, calls.user) == ("cdr.example", "3307", "r")
    assert (calls.name, calls.table) == ("calls", "cdr")
    mine = php({**AMP, "CDRDBTABLENAME": "cdr2"})
    calls = found(tmp_path, {"freepbx.conf": mine}).calls
    assert (calls.host, calls.table) == ("", "cdr2")


def test_none_is_not_looked_for(tmp_path: Path) -> None:
    assert found(tmp_path, {"freepbx.conf": "broken"}, "none").kind == ""


def literal(rng: random.Random) -> str:
    """A text as somebody may write it in PHP, with quotes and escapes at random."""
    quote = rng.choice("'\"")
    parts = [
        "a",
        "Z",
        "7",
        " ",
        "\\\\",
        "\\n",
        "\\t",
        "\\x41",
        "\\101",
        "\\q",
        "#",
        "//",
    ]
    parts += ["/*", "*/", ";", "]", "ñ", "\n", "\\$", "\\" + quote]
    parts += ["'" if quote == '"' else '"']
    return quote + "".join(rng.choices(parts, k=rng.randrange(12))) + quote


@pytest.mark.skipif(shutil.which("php") is None, reason="there is no PHP here")
def test_php_itself_reads_the_same(tmp_path: Path) -> None:
    rng = random.Random(4)
    file = tmp_path / "freepbx.conf"
    keys = [f"K{n}" for n in range(400)]
    lines = [f"$amp_conf['{key}'] = {literal(rng)}; // it's" for key in keys]
    file.write_text("<?php\n" + "\n".join(lines) + "\n")
    show = f"require '{file}'; echo json_encode($amp_conf);"
    done = subprocess.run(
        ["php", "-n", "-r", show], capture_output=True, check=True, timeout=30
    )
    read = read_php(file)
    assert {key: read.text(key) for key in keys} == json.loads(done.stdout)
