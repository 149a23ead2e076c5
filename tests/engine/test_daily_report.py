"""The daily report: its figures, and that each day has one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain import settings as product_settings
from massivesms.notices import report
from massivesms.store import settings
from tests.engine.test_mail_sender import EVA, Sender, set_account
from tests.engine.world import World
from tests.fakes.mail_server import MailServer

MADRID = ZoneInfo("Europe/Madrid")
DAY = date(2026, 7, 2)
REPORTS = "SELECT COUNT(*) FROM mail WHERE kind = 'report'"


@pytest.fixture(autouse=True)
def _wanted(world: World) -> None:
    world.set(
        time_zone="Europe/Madrid", daily_report="yes", report_to=EVA, report_at="08:00"
    )


@pytest.fixture
def server(world: World) -> Iterator[MailServer]:
    with MailServer() as running:
        set_account(world, running.port)
        yield running


def happened(world: World, minute: str, *rows: tuple[int, int, str, int]) -> None:
    """So many messages of a campaign came into a state then (UTC)."""
    sql = (
        "INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages,"
        " segments) VALUES (%s, %s, %s, %s, %s, %s)"
    )
    for campaign_id, trunk_id, state, n in rows:
        values = (minute, campaign_id, trunk_id, state, n, n * 2)
        world.db.atomically(lambda tx, v=values: tx.execute(sql, v))  # type: ignore[misc]


def made(world: World, day: date = DAY) -> report.Report:
    found = product_settings.read(world.db.atomically(settings.load))
    speech = report.speech_of(found)
    return world.db.atomically(lambda tx: report.make(tx, found, speech, day))


def at(world: World, sender: Sender, text: str) -> None:
    """The thread looks at a moment of Madrid's clock."""
    sender.clock = datetime.fromisoformat(text).replace(tzinfo=MADRID).astimezone(UTC)
    sender._house_at_s = 0.0
    sender.look()


def test_the_figures_are_those_of_the_local_day(world: World) -> None:
    world.campaign("=Verano", [])
    campaign_id = world.ask("SELECT id FROM campaign WHERE name = '=Verano'")
    world.db.atomically(
        lambda tx: tx.execute(
            "INSERT INTO trunk (id, name, kind, settings, created_at, changed_at,"
            " stopped_code, stopped_detail) VALUES (7, 'Operadora', 'script', '{}',"
            " NOW(), NOW(), 'bind_password', '0x0E')"
        )
    )
    one = (campaign_id, 7, "submitted", 1000)
    happened(world, "2026-07-01 22:00", one, (campaign_id, 7, "delivered", 900))
    happened(world, "2026-07-02 21:59", (1, 0, "skipped", 3), one)
    happened(world, "2026-07-01 21:59", one)
    happened(world, "2026-07-02 22:00", one)
    sql = (
        "INSERT INTO inbound_message (trunk_id, number, sender, recipient, text,"
        " handled, received_at, kind) SELECT 7, '', '', '', '',"
        " ELT(seq, '', '', 'opt_out', ''), '2026-07-02 10:00',"
        " IF(seq = 4, 'call', 'message') FROM seq_1_to_4"
    )
    world.db.atomically(lambda tx: tx.execute(sql))
    found = made(world)
    assert found.subject == "Daily report of Thursday, 2 Jul 2026"
    for line in (
        "  Sent: 2,000 (4,000 segments)", "  Delivered: 900 (1,800 segments)",
        "  =Verano: Sent: 2,000 (4,000 segments); Delivered: 900 (1,800 segments)",
        "  Output queue: Skipped: 3 (6 segments)", "Incoming: 3", "  Opt-outs: 1",
        "Calls to modems: 1",
    ):  # fmt: skip
        assert line in found.body.splitlines(), found.body
    assert "The trunk Operadora is stopped" in found.body
    name, text = found.attachment
    assert name == "report-2026-07-02.csv"
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert table[2] == [
        "2026-07-02", "Campaign", "'=Verano", "Delivered", "900", "1800"
    ]  # fmt: skip
    assert len(table) == 1 + 3 + 3


def test_a_day_without_anything_says_so(world: World) -> None:
    found = made(world)
    assert "No message was sent or changed its state." in found.body
    assert "Incoming: 0" in found.body


def test_it_is_made_at_its_hour_once_for_yesterday(
    world: World, server: MailServer
) -> None:
    happened(world, "2026-07-02 10:00", (1, 0, "submitted", 5))
    first, second = Sender(world), Sender(world, "host:2")
    at(world, first, "2026-07-03 07:59")
    assert world.ask(REPORTS) == 0
    for sender in (first, second, first, Sender(world, "host:3")):
        at(world, sender, "2026-07-03 08:00")
    assert world.ask(REPORTS) == 1
    (message,) = server.received
    assert message["Subject"] == "Daily report of Thursday, 2 Jul 2026"
    body = message.get_body()
    assert body is not None and "Sent: 5" in body.get_content()
    (table,) = message.iter_attachments()
    assert table.get_filename() == "report-2026-07-02.csv"
    at(world, first, "2026-07-04 08:00")
    assert world.ask(REPORTS) == 2


def test_a_service_that_was_down_at_that_hour_makes_it_later_that_day(
    world: World,
) -> None:
    at(world, Sender(world), "2026-07-03 23:50")
    assert world.ask("SELECT day FROM daily_report") == DAY
    at(world, Sender(world), "2026-07-05 00:10")
    assert world.ask(REPORTS) == 1, "a day that is over gets none any more"


@pytest.mark.parametrize(
    "change", [{"daily_report": "no"}, {"report_to": ""}], ids=["off", "to nobody"]
)
def test_turned_off_none_is_made(world: World, change: dict[str, str]) -> None:
    world.set(**change)
    at(world, Sender(world), "2026-07-03 12:00")
    assert world.ask(REPORTS) == 0


def test_many_campaigns_are_all_in_the_table(world: World) -> None:
    for n in range(60):
        happened(world, "2026-07-02 10:00", (100 + n, 0, "submitted", 1 + n))
    found = made(world)
    assert "10 more are in the table." in found.body
    assert found.attachment[1].count("\n") == 1 + 60 + 1
    assert "Without a trunk" in found.body


def test_the_day_of_a_clock_change_has_its_own_length(world: World) -> None:
    begin, end = (
        datetime.combine(d, datetime.min.time(), MADRID).astimezone(UTC)
        for d in (date(2026, 10, 25), date(2026, 10, 26))
    )
    assert end - begin == timedelta(hours=25)
    happened(world, "2026-10-25 22:59", (1, 0, "submitted", 5))
    assert "Sent: 5" in made(world, date(2026, 10, 25)).body
