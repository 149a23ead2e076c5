"""The event log's page: its end, filters, emptying, and what is recorded."""

from __future__ import annotations

import logging
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.event_log import files
from massivesms.event_log.writing import EventLog
from massivesms.store.db import Database
from tests.web.browser import Browser

TODAY = date.today()  # noqa: DTZ011 - the test's zone is UTC, as the machine's
URL = "/configuration/events/"


def line(
    text: str, kind: str = "service", level: str = "INFO", day: date = TODAY
) -> str:
    return f"{day} 10:00:00.000+0000 {level:<7} {kind:<9} {text}\n"


def write(config: Config, *lines: str, day: date = TODAY) -> Path:
    path = files.path_of(config.log_dir, day)
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines))
    return path


def test_an_empty_log_says_what_comes_here(client: Browser) -> None:
    assert "No events on this day" in client.page(URL).text


def test_the_end_of_today_is_shown_and_refreshes_itself(
    client: Browser, config: Config
) -> None:
    write(config, *(line(f"event-{n:03}") for n in range(300)))
    page = client.page(URL)
    assert page.text.index("event-298") < page.text.index("event-299")
    assert "event-100" in page.text and "event-099" not in page.text
    assert "every 3s" in page.html
    earlier = next(link for link in page.links if "before=" in link)
    before = client.page(earlier)
    assert "event-099" in before.text and "every 3s" not in before.html
    part = client.get(URL, headers={"HX-Request": "true"}).text
    assert "event-299" in part and "<html" not in part


def test_another_day_and_filters_are_in_the_address(
    client: Browser, config: Config
) -> None:
    yesterday = TODAY - timedelta(days=1)
    write(config, line("now"))
    write(
        config,
        line("old one", day=yesterday),
        line("old two", "trunks", "ERROR", yesterday),
        day=yesterday,
    )
    assert "old one" in client.page(f"{URL}?day={yesterday}").text
    for wanted in ("kind=trunks", "level=ERROR", "text=TWO"):
        text = client.page(f"{URL}?day={yesterday}&{wanted}").text
        assert "old two" in text and "old one" not in text, wanted


def test_markup_and_control_characters_are_inert(
    client: Browser, config: Config
) -> None:
    write(config, line("<script>alert(1)</script>"), "\x1b[2J\x00\n", line("\x1b[31m"))
    html = client.get(URL).text
    assert "<script>alert" not in html and "\x1b" not in html


def test_a_day_is_emptied_after_a_confirmation_and_audited(
    client: Browser, config: Config, db: Database
) -> None:
    file = write(config, line("gone soon"))
    confirm = client.page(f"{URL}{TODAY}/empty")
    assert "cannot be brought back" in confirm.text
    assert file.stat().st_size
    client.send(f"{URL}{TODAY}/empty")
    assert file.read_text() == ""
    with db.transaction() as tx:
        row = tx.row("SELECT * FROM audit WHERE action = 'log.empty'")
    assert row and row["subject"] == file.name


@pytest.mark.parametrize(
    "day",
    ["..", "../../secret.key", "%2e%2e%2fsecret.key", "massivesms.conf", "2026-1-1"]
    + ["2026-01-01.log", "2026-01-01%00", "9999-12-31", "/etc/passwd", "20260101x"],
)
@pytest.mark.parametrize("what", ["empty", "file"])
def test_only_days_are_asked_for_and_never_a_path(
    client: Browser, config: Config, day: str, what: str
) -> None:
    before = config.file.read_text()
    assert client.get(f"{URL}{day}/{what}").status_code == 404
    assert client.send(f"{URL}{day}/empty").status_code in (404, 405)
    assert config.file.read_text() == before


def test_a_link_named_like_a_day_is_neither_read_nor_emptied(
    client: Browser, config: Config
) -> None:
    secret = config.file.with_name("precious")
    secret.write_text(line("secret inside"))
    config.log_dir.mkdir()
    files.path_of(config.log_dir, TODAY).symlink_to(secret)
    assert "secret inside" not in client.page(URL).text
    assert client.get(f"{URL}{TODAY}/file").status_code == 409
    client.send(f"{URL}{TODAY}/empty")
    assert "secret inside" in secret.read_text()


def test_what_cannot_be_emptied_is_said_and_not_audited(
    client: Browser, config: Config, db: Database
) -> None:
    config.log_dir.mkdir()
    files.path_of(config.log_dir, TODAY).mkdir()
    answer = client.send(f"{URL}{TODAY}/empty")
    assert answer.status_code == 409 and "cannot be changed" in answer.text
    with db.transaction() as tx:
        assert not tx.value("SELECT 1 FROM audit WHERE action = 'log.empty'")


def test_a_log_directory_that_cannot_be_read_is_said_in_words(
    client: Browser, config: Config
) -> None:
    config.log_dir.write_text("no directory")
    assert "cannot be read" in client.page(URL).text


def test_a_day_is_downloaded_as_it_is(client: Browser, config: Config) -> None:
    file = write(config, *(line(f"event-{n}" * 50) for n in range(5000)))
    answer = client.get(f"{URL}{TODAY}/file")
    assert answer.data == file.read_bytes()
    assert f"attachment; filename={file.name}" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "text/plain"


def test_the_kinds_are_chosen(client: Browser, db: Database) -> None:
    assert client.page(URL).html.count("checked") == 5  # not each message
    values = {"log_events": ["sending", "trunks"], "log_keep_days": "7"}
    assert "is saved" in client.send(f"{URL}recorded", values).text
    with db.transaction() as tx:
        stored = dict(tx.tuples("SELECT name, value FROM setting"))
        details = tx.value("SELECT details FROM audit ORDER BY id DESC LIMIT 1")
    assert stored["log_events"] == "trunks,sending"
    assert stored["log_keep_days"] == "7"
    assert "trunks,sending" in details and '"30"' in details


@pytest.mark.parametrize(
    "wrong", [{"log_keep_days": "0"}, {"log_keep_days": "x"}, {"log_events": ["all"]}]
)
def test_what_makes_no_sense_is_refused(
    client: Browser, db: Database, wrong: dict[str, object]
) -> None:
    values = {"log_events": ["trunks"], "log_keep_days": "30", **wrong}
    answer = client.send(f"{URL}recorded", values)
    assert answer.status_code == 422 and "field-error" in answer.text


def test_what_the_pages_do_is_in_the_log(client: Browser, config: Config) -> None:
    handler, root = EventLog(config.log_dir), logging.getLogger()
    level, root.level = root.level, logging.INFO
    root.addHandler(handler)
    root.manager._clear_cache()  # type: ignore[attr-defined]
    try:
        client.send("/lists/new", {"name": "Clientes\nx"})
        client.send("/roles/new", {"name": "Recepción", "permissions": []})
        client.sign_in("nobody\r\nforged", "wrong wrong wrong")
        client.send("/sign-out")
        client.sign_in("nobody\r\nforged", "wrong wrong wrong")
    finally:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(level)
    (file,) = config.log_dir.iterdir()
    text = file.read_text()
    assert "changes   role.create: Recepción, by administrator-user" in text
    assert "administrator-user signed out" in text
    assert "sign-in of nobody\\r\\nforged from 127.0.0.1 refused" in text
    assert os.linesep not in text.splitlines()[0]
