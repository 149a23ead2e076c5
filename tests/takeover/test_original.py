"""The database that is taken over: only read, and refused when it is not one."""

from __future__ import annotations

import json

from massivesms.config import Config
from tests.takeover.conftest import Original, Query, Take
from tests.takeover.looking import everything, notes, state_of


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
