"""`massivesms doctor` looks at everything and never fails itself."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, in_process

RIGHTS = {"rights"}  # the tests come in as root, who can do too much


def test_a_fresh_installation_needs_a_person_and_says_for_what(process: Run) -> None:
    ran = process("doctor", "--json").refused("need you")
    found = {f["what"]: f for f in ran.json}
    good = {what for what, f in found.items() if f["good"]}
    assert {"configuration", "key file", "database", "sending"} <= good
    bad = {what for what, f in found.items() if not f["good"]}
    assert bad - RIGHTS == {"service", "numbers", "users", "trunks"}
    assert "massivesms config set country_code" in found["numbers"]["said"]


def test_what_is_put_right_is_good(run: Run, spain: None, script: str) -> None:
    run("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    word = "correct horse battery\n"
    base = ("user", "add", "ana", "--role", "administrator", "--password-stdin")
    run(*base, input=word).done()
    found = {f["what"]: f for f in run("doctor", "--json").json}
    bad = {what for what, f in found.items() if not f["good"]}
    assert bad - RIGHTS == {"service"}
    table = run("doctor").out
    assert "BAD  service" in table and "ok   numbers" in table


def test_sent_messages_that_cannot_be_written_down_need_a_person(run: Run) -> None:
    run("config", "set", "write_call_records", "yes")
    found = {f["what"]: f for f in run("doctor", "--json").json}
    assert not found["sent messages"]["good"]
    assert "massivesms setup" in found["sent messages"]["said"]


def test_without_a_configuration_it_says_so(tmp_path: Path) -> None:
    ran = in_process("--config", tmp_path / "none.conf", "doctor")
    assert ran.code == 1
    assert "none.conf cannot be read" in ran.out
    assert "Traceback" not in ran.err


def test_with_the_database_away_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "c.conf"
    file.write_text(
        f"[database]\nsocket = {tmp_path}/none.sock\n"
        f"[web]\nsecret_key_file = {tmp_path}/key\n"
    )
    ran = in_process("--config", file, "doctor")
    assert ran.code == 1
    assert "BAD  database" in ran.out


def test_the_key_of_the_pbx_s_menu_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "c.conf"
    file.write_text("[pbx]\nkind = issabel\n")
    ran = in_process("--config", file, "doctor")
    assert "BAD  sign-on key " in ran.out and "massivesms setup" in ran.out
    (tmp_path / "sso.key").write_text("ab" * 32)
    (tmp_path / "sso.key").chmod(0o640)
    ran = in_process("--config", file, "doctor")
    assert "ok   sign-on key " in ran.out
