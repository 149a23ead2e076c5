"""What `massivesms takeover` brings from the original module, and what it does not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from massivesms.config import Config
from massivesms.store import lists
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.vault import Vault
from tests.cli.conftest import in_process
from tests.takeover.conftest import SCRIPT, Original, Query, Take

ANA = Actor("ana")


def state_of(query: Query, number: str) -> tuple[object, ...]:
    found = query(
        "SELECT m.state, m.result_code, m.result_detail, m.text, m.route_trunk_id,"
        " m.trunk_id FROM message m WHERE m.number = %s",
        f"+34{number}",
    )
    assert len(found) == 1, found
    return found[0]


def trunk_id(query: Query, name: str) -> int:
    return int(query("SELECT id FROM trunk WHERE name = %s", name)[0][0])


def notes(report: dict[str, object], name: str) -> str:
    """Everything that was said about a thing."""
    every = report["notes"]
    assert isinstance(every, list)
    return " ".join(n["text"] for n in every if n["name"] == name)


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


def test_what_was_sent_stays_sent_with_its_time_and_trunk(
    take: Take, query: Query
) -> None:
    take().done()
    state, code, detail, text, _, trunk = state_of(query, "600000100")
    assert (state, code, text) == ("submitted", "taken_over", "Su cita: mañana")
    assert detail == "[0] Message delivered for sending"
    assert trunk == trunk_id(query, "Guion")
    at = query("SELECT submitted_at FROM message WHERE number = '+34600000100'")
    assert at == ((datetime(2012, 7, 2, 8, 0),),)  # Madrid, in summer


STATES = {
    "600000201": ("queued", None),
    "600000202": ("queued", "taken_over_again"),
    "600000203": ("rejected", "taken_over"),
    "600000204": ("in_doubt", "taken_over_doubt"),
    "600000206": ("cancelled", "taken_over_stopped"),
    "600000207": ("in_doubt", "taken_over_unknown"),
    "600000208": ("in_doubt", "taken_over_unknown"),
    "600000209": ("in_doubt", "taken_over_doubt"),
    "600000102": ("in_doubt", "taken_over_doubt"),
    "600000301": ("cancelled", "taken_over_finished"),
}


def test_each_status_becomes_a_state_and_what_may_have_left_is_in_doubt(
    take: Take, query: Query
) -> None:
    take().done()
    assert {number: state_of(query, number)[:2] for number in STATES} == STATES


def test_nothing_that_waits_can_be_sent_before_a_person_says_so(
    take: Take, query: Query
) -> None:
    report = take("--json").done().json
    assert not query(
        "SELECT m.id FROM message m JOIN campaign c ON c.id = m.campaign_id"
        " WHERE m.state = 'queued' AND (c.paused = 0 OR c.kind = 'output_queue')"
    )
    assert "It is paused; 3 of its messages wait" in notes(report, "Rebajas")
    queue = query("SELECT paused FROM campaign WHERE kind = 'output_queue'")
    assert queue == ((0,),)  # ours goes on


def test_its_output_queue_becomes_a_paused_campaign(take: Take, query: Query) -> None:
    take().done()
    rows = query(
        "SELECT m.number, m.state, m.text FROM message m JOIN campaign c"
        " ON c.id = m.campaign_id WHERE c.name = 'Cola de Salida (massive_sms)'"
        " ORDER BY m.id"
    )
    assert rows == (
        ("+34600000100", "submitted", "Su cita: mañana"),
        ("+34600000101", "queued", "Aún sin enviar"),
        ("+34600000102", "in_doubt", "En camino"),
    )


def test_a_campaign_keeps_its_schedule_sender_and_trunk(
    take: Take, query: Query
) -> None:
    report = take("--json").done().json
    columns = "text, sender_id, trunk_id, start_at, hours_from, hours_to, paused"
    found = {row[0]: row[1:] for row in query(f"SELECT name, {columns} FROM campaign")}
    assert found["Rebajas"] == (
        *("Rebajas de invierno", "TIENDA", trunk_id(query, "Operador")),
        datetime(2012, 1, 6, 23, 0),  # midnight in Madrid
        *(timedelta(hours=8), timedelta(hours=20), 1),
    )
    assert found["Terminada"][4:6] == (None, None)  # the whole day
    assert found["Parada"][:4] == ("Hola", "", None, None)
    assert "sender demasiado largo was left out" in notes(report, "Parada")
    assert "trunk was not taken over" in notes(report, "Parada")
    assert "stopped it itself: Invalid password" in notes(report, "Parada")
    assert found["Doble"][0] == "Mañana, 5€"
    assert found["rebájas (massive_sms)"][0] == ""


def test_a_message_for_another_trunk_than_its_campaigns_is_pinned_to_it(
    take: Take, query: Query
) -> None:
    take().done()
    pinned = query(
        "SELECT number, route_trunk_id FROM message WHERE pinned = 1 ORDER BY id"
    )
    guion = trunk_id(query, "Guion")
    assert pinned == (
        ("+34600000100", guion),
        ("+34600000101", guion),
        ("+34600000205", guion),
    )


def test_a_message_that_could_not_be_sent_is_kept_as_a_bad_row(
    take: Take, query: Query
) -> None:
    take().done()
    rows = query(
        "SELECT p.number, p.row_text, p.code FROM import_problem p"
        " JOIN import i ON i.id = p.import_id WHERE i.campaign_id IS NOT NULL"
        " ORDER BY p.id"
    )
    assert rows == (
        ("6000", "Número corto", "too_short"),
        ("600000701", None, "text_missing"),
    )


def test_the_counts_are_those_of_the_messages(take: Take, query: Query) -> None:
    take().done()
    counted = query(
        "SELECT campaign_id, state, trunk_id, messages, segments FROM campaign_count"
        " WHERE messages <> 0 ORDER BY 1, 2, 3"
    )
    there = query(
        "SELECT campaign_id, state, COALESCE(trunk_id, 0), COUNT(*), SUM(segments)"
        " FROM message GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert counted == there


def test_numbers_that_were_erased_here_do_not_come_back(
    take: Take, query: Query, config: Config
) -> None:
    for number in ("+34600000003", "+34600000201"):  # twice in a list; one that waits
        in_process("--config", config.file, "erase", number).done()
    dry = take("--dry-run", "--json").done().json
    report = take("--json").done().json
    assert dry["parts"] == report["parts"]
    assert report["parts"]["number"] == {"taken": 6, "already": 0, "not_taken": 8}
    assert report["parts"]["message"]["not_taken"] == 4
    assert "2 of its rows were not taken" in notes(report, "Clientes")
    assert "erased on request" in notes(report, "Rebajas")
    for table in ("contact", "message", "import_problem"):
        for end in ("600000003", "600000201"):
            sql = f"SELECT number FROM {table} WHERE number LIKE %s"
            assert query(sql, f"%{end}") == (), table
    kept = query("SELECT number, row_text FROM import_problem WHERE code = 'erased'")
    assert kept == (("", None),) * 3
    assert query(
        "SELECT refused FROM import i JOIN list l ON l.id = i.list_id"
        " WHERE l.name = 'Clientes' AND i.campaign_id IS NULL"
    ) == ((5,),)
    again = take("--json").done().json
    assert again["parts"]["number"]["taken"] == 0


# --- again, dry, kept -------------------------------------------------------------


def everything(query: Query) -> list[object]:
    """All that a takeover may change."""
    tables = ("setting", "trunk", "list", "contact", "campaign", "message", "import")
    more = ("import_problem", "campaign_count", "taken_over")
    return [query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in (*tables, *more)]


def test_a_second_run_takes_nothing_and_touches_nothing(
    take: Take, query: Query
) -> None:
    first = take("--json").done().json
    query("UPDATE campaign SET name = 'Ours now', paused = 0 WHERE name = 'Rebajas'")
    query("UPDATE trunk SET priority = 9 WHERE name = 'Operador'")
    before = everything(query)
    again = take("--json").done().json
    assert everything(query) == before
    assert all(part["taken"] == 0 for part in again["parts"].values())
    for kind in ("trunk", "list", "campaign"):
        taken = first["parts"][kind]["taken"]
        assert again["parts"][kind]["already"] == taken
    assert "nothing new" in take().done().out


def test_a_second_run_takes_what_is_new(
    take: Take, original: Original, query: Query
) -> None:
    take().done()
    original.run(
        "INSERT INTO list_numbers (list, number, status) VALUES (2, '600000012', 'E'),"
        " (2, '600000010', 'E');\n"
        "INSERT INTO campaign_numbers (campaign, number, status, message) VALUES"
        " (2, '600000299', 'P', ''), (9, '600000999', 'P', '');\n"
        "INSERT INTO campaign VALUES (9, 'Nueva', 'Hola', '08:00:00', '20:00:00', 'P',"
        " '2012-07-01', '', NULL, 1, NULL);\n"
    )
    report = take("--json").done().json
    parts = report["parts"]
    assert (parts["number"]["taken"], parts["message"]["taken"]) == (1, 2)
    assert parts["campaign"]["taken"] == 1
    assert query("SELECT excluded FROM contact WHERE number = '+34600000010'") == (
        (1,),
    )
    assert query("SELECT included, excluded FROM list WHERE name LIKE 'Emp%%'") == (
        (1, 2),
    )
    campaign = query("SELECT trunk_id FROM campaign WHERE name = 'Nueva'")
    assert campaign == ((trunk_id(query, "Operador"),),)


def test_new_messages_do_not_join_a_campaign_that_is_being_sent_here(
    take: Take, original: Original, query: Query
) -> None:
    take().done()
    query("UPDATE campaign SET paused = 0 WHERE name = 'Rebajas'")
    original.run(
        "INSERT INTO campaign_numbers (campaign, number, status, message) VALUES"
        " (2, '600000299', 'P', '');\n"
    )
    report = take("--json").done().json
    assert "being sent here. Stop it" in notes(report, "Rebajas")
    assert not query("SELECT id FROM message WHERE number = '+34600000299'")
    query("UPDATE campaign SET paused = 1 WHERE name = 'Rebajas'")
    assert take("--json").done().json["parts"]["message"]["taken"] == 1


def test_what_was_removed_here_stays_removed(take: Take, query: Query) -> None:
    take().done()
    query("DELETE FROM list WHERE name = 'Clientes'")
    query("UPDATE campaign SET removed = 1, name = '#2 x' WHERE name = 'Rebajas'")
    report = take("--json").done().json
    assert "removed here since" in notes(report, "Clientes")
    assert "removed here since" in notes(report, "Rebajas")
    assert report["parts"]["list"]["taken"] == 0


def test_a_dry_run_says_the_same_and_changes_nothing(
    take: Take, query: Query, config: Config
) -> None:
    before = everything(query)
    dry = take("--dry-run", "--json").done().json
    assert everything(query) == before
    assert not query("SELECT id FROM audit")
    assert not list(config.scripts_dir.iterdir())
    real = take("--json").done().json
    assert {**dry, "dry_run": False} == real


def test_the_source_is_only_read(take: Take, original: Original) -> None:
    before = original.checksums()
    take().done()
    assert original.checksums() == before


def test_the_report_is_kept_in_the_audit(take: Take, query: Query) -> None:
    report = take("--json").done().json
    rows = query("SELECT subject, details FROM audit WHERE action = 'takeover.run'")
    assert len(rows) == 1
    subject, details = rows[0]
    assert subject == "massive_sms"
    assert json.loads(details) == report
    assert "s3cret" not in details


def test_people_get_a_table_and_every_reason(take: Take) -> None:
    out = take().done().out
    assert "massive_sms" in out.splitlines()[0]
    assert "already here" in out.splitlines()[0]
    assert "- campaign Rebajas: It is paused" in out
    assert "Messages: " in out and "in_doubt" in out


# --- an old, damaged, running, foreign or missing source --------------------------


def test_a_source_without_newer_columns_and_tables_gives_what_it_has(
    take: Take, original: Original, query: Query
) -> None:
    original.run(
        "ALTER TABLE sms_trunk DROP script, DROP clid;\n"
        "ALTER TABLE campaign_numbers DROP code_desc, DROP trunk, DROP last;\n"
        "DROP TABLE config;\n"
        "DROP TABLE service_type_providers;\n"
        "ALTER TABLE list_numbers DROP status;\n"
    )
    query("INSERT INTO setting VALUES ('country_code', '34', NOW())")
    report = take("--json").done().json
    assert "The table config is not there" in notes(report, "config")
    assert report["parts"]["list"]["taken"] == 5
    assert state_of(query, "600000200")[0] == "submitted"
    assert query("SELECT COUNT(*) FROM contact WHERE excluded = 1") == ((0,),)


def test_a_part_that_lacks_what_it_needs_is_left_out_with_the_reason(
    take: Take, original: Original
) -> None:
    original.run("ALTER TABLE campaign DROP message;\n")
    report = take("--json").done().json
    said = notes(report, "campaign, campaign_numbers")
    assert "table campaign has no column message" in said
    assert report["parts"]["list"]["taken"] == 5
    assert report["parts"]["message"]["taken"] == 0


def test_a_database_that_is_not_the_originals_is_refused(
    take: Take, original: Original, query: Query
) -> None:
    original.run("DROP TABLE campaign_numbers;\nDROP TABLE sms_trunk;\n")
    before = everything(query)
    take().refused("not the original module's", "list_numbers", "Nothing was changed")
    take("--database", "mysql").refused("not the original module's")
    take("--database", "massivesms").refused("our own database")
    assert everything(query) == before


def test_a_database_that_is_not_there_or_not_ours_to_read_is_one_line(
    take: Take, schema: object
) -> None:
    take("--database", "nowhere").refused("nowhere", "cannot be reached")
    take("--user", "nobody", "--password-stdin", input="wrong\n").refused(
        "cannot be reached"
    )
    take("--host", "127.0.0.1", "--port", "1").refused("127.0.0.1:1")


def test_an_original_that_is_still_sending_is_refused(
    take: Take, original: Original, query: Query
) -> None:
    original.run(
        "UPDATE campaign_numbers SET last = NOW() WHERE number = '600000201';\n"
    )
    take().refused("seems to be running", "service ixxmassivesms stop", "--anyway")
    assert not query("SELECT id FROM list")
    assert "seems to be running" in take("--dry-run").done().out
    take("--anyway").done()


def test_a_reader_without_other_rights_is_enough(
    take: Take, mariadb: object, original: Original
) -> None:
    original.run(
        "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'p''w \\\\ ñ';\n"
        "GRANT SELECT ON massive_sms.* TO reader@localhost;\n"
    )
    ran = take("--user", "reader", "--password-stdin", "--json", input="p'w \\ ñ\n")
    assert ran.done().json["finished"]
