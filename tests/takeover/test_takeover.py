"""What `massivesms takeover` brings from the original module, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path

from massivesms.config import Config
from massivesms.store import lists
from massivesms.store.db import Database
from massivesms.vault import Vault
from tests.takeover.conftest import SCRIPT, Original, Query, Take
from tests.takeover.looking import ANA, notes

# --- settings and trunks ----------------------------------------------------------


def test_its_settings_become_ours_with_prefixes_that_lack_the_country_code(
    take: Take, query: Query
) -> None:
    take().done()
    assert dict(query("SELECT name, value FROM setting")) == {
        "country_code": "34",
        "mobile_prefixes": "6,7",
        "min_mobile_length": "9",
        "max_mobile_length": "9",
        "time_zone": "Europe/Madrid",
    }


def test_a_setting_that_was_made_here_stays_and_their_numbers_are_read_by_theirs(
    take: Take, query: Query
) -> None:
    query("INSERT INTO setting VALUES ('country_code', '56', NOW())")
    report = take("--json").done().json
    assert "56 here and stays so" in notes(report, "country_code")
    assert query("SELECT value FROM setting WHERE name = 'country_code'") == (("56",),)
    assert query("SELECT number FROM contact WHERE number = '+34600000010'")


def test_settings_that_no_country_has_are_reported_and_the_rest_is_taken(
    take: Take, original: Original, query: Query
) -> None:
    original.run("UPDATE config SET country_code = 999, max_mobile_length = 3;\n")
    report = take("--json").done().json
    assert "No country has the code 999" in notes(report, "country_code")
    assert report["parts"]["list"]["taken"] == 5


def test_an_smpp_trunk_comes_with_its_password_sealed(
    take: Take, query: Query, vault: Vault, config: Config
) -> None:
    take().done()
    found = query(
        "SELECT kind, active, priority, sender_id, append_country_code, settings,"
        " secrets FROM trunk WHERE name = 'Operador'"
    )[0]
    assert found[:5] == ("smpp", 1, 1, "OFICINA", 1)
    settings = json.loads(found[5])
    assert (settings["host"], settings["port"]) == ("smpp.example.net", "8888")
    assert (settings["system_id"], settings["system_type"]) == ("oficina", "SMPP")
    assert settings["bind_mode"] == "transmitter"
    assert b"s3cret" not in found[6]
    assert vault.open(found[6]) == {"password": 'it\'s "s3cret" \\ pass'}


def test_a_script_trunk_comes_with_its_script_and_gets_entities(
    take: Take, query: Query, config: Config
) -> None:
    take().done()
    found = query(
        "SELECT kind, active, priority, sender_id, settings FROM trunk"
        " WHERE name = 'Guion'"
    )[0]
    assert found[:4] == ("script", 1, 3, "34600000000")
    assert json.loads(found[4])["legacy_entities"] == "yes"
    copy = config.scripts_dir / "envia.sh"
    assert copy.read_text() == SCRIPT
    assert copy.stat().st_mode & 0o777 == 0o750


def test_a_trunk_without_its_script_comes_turned_off_and_the_order_stays(
    take: Take, query: Query
) -> None:
    report = take("--json").done().json
    rows = query("SELECT name, active, priority FROM trunk ORDER BY priority")
    assert rows == (
        ("Operador", 1, 1),
        ("Guion", 1, 3),
        ("Guion (massive_sms)", 0, 4),
        ("Acento", 0, 6),
    )
    assert "no script falta.sh" in notes(report, "falta.sh")
    assert "turned off until its script is there" in notes(report, "Guion")


def test_a_trunk_that_cannot_be_used_is_reported_in_words(take: Take) -> None:
    report = take("--json").done().json
    assert report["parts"]["trunk"] == {"taken": 4, "already": 0, "not_taken": 2}
    assert "type INFOBIP" in notes(report, "Viejo")
    assert "system_id has 20 characters" in notes(report, "Usuario larguísimo")
    assert "Peña was left out" in notes(report, "Acento")


def test_no_script_of_ours_is_overwritten(
    take: Take, query: Query, config: Config
) -> None:
    ours = config.scripts_dir / "envia.sh"
    ours.write_text("ours\n")
    take().done()
    assert ours.read_text() == "ours\n"
    assert (config.scripts_dir / "envia.sh-2").read_text() == SCRIPT
    settings = query("SELECT settings FROM trunk WHERE name = 'Guion'")[0][0]
    assert json.loads(settings)["script"] == "envia.sh-2"


def test_a_script_that_is_a_link_or_lies_elsewhere_is_not_copied(
    take: Take, original: Original, their_scripts: Path, config: Config
) -> None:
    (their_scripts / "enlace.sh").symlink_to("/etc/passwd")
    original.run(
        "UPDATE sms_trunk SET script = 'enlace.sh' WHERE id = 2;\n"
        "UPDATE sms_trunk SET script = '../../etc/passwd' WHERE id = 3;\n"
    )
    report = take("--json").done().json
    assert "is a link" in notes(report, "enlace.sh")
    assert "no plain name" in notes(report, "../../etc/passwd")
    assert {p.name for p in config.scripts_dir.iterdir()} == {"envia.sh"}


# --- lists ------------------------------------------------------------------------


def test_a_list_comes_with_its_exclusions_and_each_number_once(
    take: Take, query: Query, db: Database
) -> None:
    report = take("--json").done().json
    rows = query(
        "SELECT c.number, c.excluded, c.is_local FROM contact c"
        " JOIN list l ON l.id = c.list_id WHERE l.name = 'Clientes' ORDER BY c.id"
    )
    assert rows == (
        ("+34600000001", 0, 1),
        ("+34600000002", 1, 0),
        ("+34600000003", 1, 1),  # refused under another spelling
    )
    assert query("SELECT included, excluded FROM list WHERE name = 'Clientes'") == (
        (1, 2),
    )
    assert report["parts"]["number"] == {"taken": 7, "already": 0, "not_taken": 7}


def test_a_bad_number_is_kept_with_its_reason(take: Take, query: Query) -> None:
    report = take("--json").done().json
    rows = query(
        "SELECT p.number, p.code FROM import_problem p JOIN import i"
        " ON i.id = p.import_id JOIN list l ON l.id = i.list_id"
        " WHERE l.name = 'Clientes' AND i.campaign_id IS NULL ORDER BY p.line"
    )
    assert rows == (
        ("34600000001", "duplicate"),
        ("600000003", "duplicate"),
        ("12", "too_short"),
        ("*6000#", "unknown_characters"),
        ("", "empty"),
    )
    assert "3 of its rows could not be taken" in notes(report, "Clientes")
    assert "no longer there" in notes(report, "#99")


def test_names_that_are_taken_or_too_long_or_badly_encoded_are_put_right(
    take: Take, db: Database, query: Query
) -> None:
    with db.transaction() as tx:
        lists.create(tx, "clientes", "", ANA)
    report = take("--json").done().json
    names = {name for (name,) in query("SELECT name FROM list")}
    long = next(name for name in names if name.startswith("largo"))
    assert len(long) <= 120
    assert names - {long} == {
        *("clientes", "Clientes (massive_sms)", "Empleados de León"),
        *("Atención", "Vacía"),
    }
    assert "called Clientes (massive_sms) here" in notes(report, "Clientes")
    assert report["mended_texts"] > 0


# --- campaigns and messages -------------------------------------------------------


# --- again, dry, kept -------------------------------------------------------------


# --- an old, damaged, running, foreign or missing source --------------------------
