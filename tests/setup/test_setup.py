"""`massivesms setup` on PBXs of every generation: once, twice, upgraded, taken away."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from massivesms import config as configuration
from tests.cli.conftest import COMMAND
from tests.setup.conftest import ME, Server, Setup, rows
from tests.setup.generations import (
    GENERATIONS,
    Generation,
    elastix2,
    freepbx17,
    issabel5,
)
from tests.setup.pbx_root import PbxRoot

every_generation = pytest.mark.parametrize(
    "generation", GENERATIONS, ids=lambda generation: generation.__name__
)


def states(out: str) -> set[str]:
    """The words at the beginning of the lines, but for the PBX's."""
    return {line[:17].strip() for line in out.splitlines()[1:] if line[16:17] == " "}


@every_generation
def test_a_dry_run_tells_all_the_first_run_does_it_and_the_second_nothing(
    root: PbxRoot, server: Server, setup: Setup, generation: Generation
) -> None:
    generation(root)
    server.pbx()
    before = root.snapshot(), server.state()
    dry = setup("--dry-run").done().out
    assert (root.snapshot(), server.state()) == before
    assert root.calls == []
    would = {"would make", "would start", "would remove"}
    assert states(dry) <= would | {"as it should be", "note"}
    for word in ("massivesms.conf", "secret.key", "sso.key", "database massivesms"):
        assert word in dry
    first = setup().done().out
    done = ("made ", "changed ", "started ", "removed ")
    made = sum(line.startswith(done) for line in first.splitlines())
    assert made == dry.count("\nwould ")
    before, calls = (root.snapshot(), server.state()), root.calls
    second = setup().done().out
    assert states(second) == {"as it should be"}
    assert (root.snapshot(), server.state()) == before
    assert root.calls == calls


def test_freepbx_on_debian(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    freepbx17(root)
    server.pbx()
    setup().done()
    assert root.calls == [
        "fwconsole ma install massivesms",
        "a2enmod --quiet proxy",
        "a2enmod --quiet proxy_http",
        "a2enmod --quiet headers",
        "a2enconf --quiet massivesms",
        "apachectl configtest",
        "update-rc.d massivesms defaults",
        "service massivesms start",
        "update-rc.d massivesms-web defaults",
        "service massivesms-web start",
    ]
    assert (root.path / "etc/default/massivesms").read_text() == (
        f"MASSIVESMS_USER={ME}\n"
    )
    module = root.path / "var/www/html/admin/modules/massivesms"
    assert sorted(p.name for p in module.iterdir()) == [
        "module.xml",
        "page.massivesms.php",
    ]
    config = configuration.load(conf)
    assert (config.pbx.kind, config.pbx.database) == ("freepbx", "asterisk")
    assert (config.cdr.name, config.cdr.table) == ("asteriskcdrdb", "cdr")
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in (conf, config.secret_key_file, config.sso_key_file)
    }
    assert modes == {
        "massivesms.conf": 0o640,
        "secret.key": 0o600,
        "sso.key": 0o640,
    }
    assert len(bytes.fromhex(config.sso_key_file.read_text())) == 32
    assert config.secret_key() != bytes.fromhex(config.sso_key_file.read_text())


def test_issabel_on_red_hat(root: PbxRoot, server: Server, setup: Setup) -> None:
    issabel5(root)
    server.pbx()
    out = setup().done().out
    menu = root.share / "issabel/menu.xml"
    assert root.calls == [
        f"issabel-menumerge {menu}",
        "apachectl configtest",
        "chkconfig --add massivesms",
        "service massivesms start",
        "chkconfig --add massivesms-web",
        "service massivesms-web start",
    ]
    html = root.path / "var/www/html"
    assert (html / "modules/massivesms_send/index.php").exists()
    assert list((html / "var/templates_c").iterdir()) == []
    assert (root.path / "etc/httpd/conf.d/massivesms.conf").exists()
    assert "address_book = /var/www/db/address_book.db" in (
        (root.path / "etc/massivesms/massivesms.conf").read_text()
    )
    assert "The administrators of Issabel sign in by its menu" in out


def test_elastix_has_tools_of_its_own_names(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    elastix2(root)
    server.pbx()
    setup().done()
    assert root.calls[0].startswith("elastix-menumerge ")
    setup("--uninstall").done()
    assert "elastix-menuremove massivesms" in root.calls


def test_without_a_pbx_it_stands_alone(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    out = setup().done().out
    assert out.startswith("PBX              no PBX\n")
    assert "sso.key" not in out and "menu" not in out
    assert configuration.load(conf).pbx.kind == ""
    assert not (conf.parent / "sso.key").exists()
    assert "massivesms user add NAME --role administrator" in out


def test_systemd_rules_where_it_runs(
    root: PbxRoot, server: Server, setup: Setup
) -> None:
    root.debian()
    (root.path / "run/systemd/system").mkdir(parents=True)
    units = Path(__file__).parents[2] / "packaging/systemd"
    for unit in units.iterdir():
        root.write(f"usr/share/massivesms/systemd/{unit.name}", unit.read_text())
    setup().done()
    assert [call for call in root.calls if call.startswith("systemctl")] == [
        "systemctl daemon-reload",
        "systemctl enable massivesms.service",
        "systemctl start massivesms.service",
        "systemctl daemon-reload",
        "systemctl enable massivesms-web.service",
        "systemctl start massivesms-web.service",
    ]
    drop_in = root.path / "etc/systemd/system/massivesms.service.d/user.conf"
    assert drop_in.read_text() == f"[Service]\nUser={ME}\n"
    assert states(setup().done().out) == {"as it should be"}
    setup("--uninstall").done()
    assert root.calls[-4:] == [
        "systemctl stop massivesms-web.service",
        "systemctl disable massivesms-web.service",
        "systemctl stop massivesms.service",
        "systemctl disable massivesms.service",
    ]


def test_an_existing_file_is_only_added_to(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    freepbx17(root)
    server.pbx()
    server.rows("CREATE DATABASE massivesms CHARACTER SET utf8mb4")
    server.rows("CREATE USER massivesms@localhost IDENTIFIED BY 'my % own # one'")
    mine = (
        "# mine\n[web]\nlisten = 127.0.0.1:8099 ; mine\n\n; the database\n"
        f"[database]\npassword = my % own # one\nsocket={server.socket}\n\n"
    )
    root.write("etc/massivesms/massivesms.conf", mine.replace(" ; mine", ""))
    before = conf.read_text()
    out = setup().done().out
    text = conf.read_text()
    for line in before.splitlines():
        assert line in text
    assert text.index("# mine") < text.index("[web]") < text.index("; the database")
    assert "added [cdr] name" in out
    assert configuration.load(conf).database.password == "my % own # one"
    rows(server.application(conf), "SELECT 1 FROM campaign")
    apache = root.path / "etc/apache2/conf-available/massivesms.conf"
    assert "http://127.0.0.1:8099/" in apache.read_text()
    assert "http://127.0.0.1:8093/" not in apache.read_text()


def test_a_lost_password_is_made_anew(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    setup().done()
    conf.unlink()
    out = setup().done().out
    assert "changed          password of massivesms@localhost" in out
    rows(server.application(conf), "SELECT 1 FROM campaign")


def test_time_zone_and_language_come_from_the_machine_at_first_only(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    root.write("etc/timezone", "America/Bogota\n")
    root.write("etc/default/locale", 'LANG="es_CO.UTF-8"\n')
    setup().done()
    way = server.application(conf)
    wanted = {("time_zone", "America/Bogota"), ("language", "es")}
    assert set(rows(way, "SELECT name, value FROM setting")) == wanted
    assert rows(way, "SELECT action FROM audit") == [("configuration.change",)]
    root.write("etc/timezone", "Europe/Madrid\n")
    setup().done()
    assert set(rows(way, "SELECT name, value FROM setting")) == wanted


def test_the_time_zone_is_read_from_localtime_too(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    root.write("etc/timezone", "Nowhere/Atlantis\n")
    local = root.path / "etc/localtime"
    local.symlink_to("../usr/share/zoneinfo/America/Santiago")
    setup().done()
    found = rows(server.application(conf), "SELECT value FROM setting")
    assert found == [("America/Santiago",)]


def test_call_records_on_another_server_get_their_own_way_in(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    root.debian()
    root.freepbx(CDRDBHOST="10.1.2.3", CDRDBUSER="reader", CDRDBPASS="s3;c#")
    server.pbx()
    setup().done()
    cdr = configuration.load(conf).cdr
    assert (cdr.host, cdr.user, cdr.password) == ("10.1.2.3", "reader", "s3;c#")


def test_the_pbx_s_own_settings_say_where_call_records_are(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> None:
    freepbx17(root)
    server.pbx()
    server.rows(
        "CREATE TABLE asterisk.freepbx_settings (keyword VARCHAR(50), value TEXT)"
    )
    server.rows(
        "INSERT INTO asterisk.freepbx_settings VALUES ('CDRDBTABLENAME', 'cdr2')"
    )
    server.rows("CREATE TABLE asteriskcdrdb.cdr2 LIKE asteriskcdrdb.cdr")
    setup().done()
    assert configuration.load(conf).cdr.table == "cdr2"
    rows(server.application(conf), "SELECT * FROM asteriskcdrdb.cdr2")


def test_it_answers_in_json(root: PbxRoot, server: Server, setup: Setup) -> None:
    root.debian()
    lines = setup("--json").done().json
    assert {"step": "database", "state": "made", "said": "database massivesms"} in lines


def test_the_installed_command_does_it_with_a_password_from_stdin(
    root: PbxRoot, server: Server, conf: Path
) -> None:
    root.debian()
    server.rows("CREATE USER boss@localhost IDENTIFIED BY 'pa ss'")
    server.rows("GRANT ALL ON *.* TO boss@localhost WITH GRANT OPTION")
    where = ("--root", root.path, "--user", ME, "--db-socket", server.socket)
    how = ("--db-root-user", "boss", "--db-root-password-stdin")
    done = subprocess.run(
        [str(word) for word in (COMMAND, "setup", *where, *how, "--json")],
        input="pa ss\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {line["state"] for line in json.loads(done.stdout)} >= {"made", "started"}
    assert "pa ss" not in conf.read_text()
    rows(server.application(conf), "SELECT 1 FROM campaign")
