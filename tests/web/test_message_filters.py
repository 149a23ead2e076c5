"""The filters of messages: chips, wrong values in words, a search that goes on."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from massivesms_web.pages import messages as page_of_messages
from tests.web.browser import Browser
from tests.web.sending import create_campaign, create_message, create_trunk, settle

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("number=zzz", "no number nor the beginning of one"),
        ("state=nonsense", "There is no such state"),
        ("campaign=x", "There is none with this id"),
        ("campaign=999", "This campaign is not there any more"),
        ("trunk=999", "This trunk is not there"),
        ("import=999", "No import of a campaign has this id"),
        ("from=yesterday", "This is no date"),
        ("from=2026-13-01", "This is no date"),
        ("from=2026-03-02&to=2026-03-01", "before the beginning"),
        ("result=%27", "There is no such result"),
        ("user=%3Cb%3E", "Nobody is called so"),
    ],
)
def test_a_wrong_value_is_said_in_words_and_shows_no_messages(
    client: Browser, db: Database, query: str, said: str
) -> None:
    create_message(db, "+34600000001")
    text = client.page(f"/messages/?{query}").text
    assert said in text
    assert "+34600000001" not in text


def test_blanks_around_a_value_do_not_matter(client: Browser, db: Database) -> None:
    create_message(db, "+34600000001")
    page = client.page("/messages/?state=+queued&state=queued&number=%2B34600+")
    assert "+34600000001" in page.text
    assert not [link for link in page.links if "queued&state=" in link]


def test_each_chosen_filter_can_be_taken_away(client: Browser, db: Database) -> None:
    trunk_id = create_trunk(db)
    made = create_campaign(db, "Otoño", "600111222")
    query = (
        f"campaign={made}&state=queued&state=failed&trunk={trunk_id}&from=2026-01-01"
    )
    page = client.page(f"/messages/?{query}")
    for words in ("Otoño", "Operadora", "2026-01-01", "Queued", "Failed"):
        assert words in page.text
    without_queued = [
        link
        for link in page.links
        if "state=failed" in link and "state=queued" not in link
    ]
    assert without_queued and f"campaign={made}" in without_queued[0]


def test_a_date_is_that_of_sending_on_the_configured_clock(
    client: Browser, db: Database
) -> None:
    sent = create_message(db, "+34600000001")
    settle(db, sent, "delivered", submitted_at="2026-07-01 22:30:00")
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO traffic VALUES ('2026-07-01 22:30:00', 1, 0, 'submitted',"
            " 1, 1, %s, %s)",
            (sent, sent),
        )
        tx.execute(
            "REPLACE INTO setting VALUES"
            " ('time_zone', 'Europe/Madrid', UTC_TIMESTAMP())"
        )
    for day, is_there in (("2026-07-01", False), ("2026-07-02", True)):
        text = client.page(f"/messages/?from={day}&to={day}").text
        assert ("+34600000001" in text) == is_there
    exactly = "from=2026-07-02T00:30&to=2026-07-02T00:31"
    assert "+34600000001" in client.page(f"/messages/?{exactly}").text


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is over after a few messages."""
    look = page_of_messages.messages.look
    monkeypatch.setattr(
        page_of_messages.messages,
        "look",
        lambda *a, **k: look(*a, patience_s=0, step=10, **k),
    )


def test_a_long_search_shows_what_it_found_and_goes_on(
    client: Browser, db: Database, hasty: None
) -> None:
    create_campaign(db, "Otoño", *(f"6000000{n:02}" for n in range(60)))
    with db.transaction() as tx:
        tx.execute("UPDATE message SET result_code = 'rare' ORDER BY id LIMIT 1")
    page = client.page("/messages/?result=rare")
    assert "Found until now: 0" in page.text and "Stop" in page.text
    answers = 0
    part = _part(page.html)
    while part:
        answer = client.get(part, headers=HTMX)
        assert answer.text.lstrip().startswith("<tr")
        part, answers = _part(answer.text), answers + 1
    assert "these are all" in answer.text
    assert answers > 3


def test_a_search_can_be_stopped_and_gone_on_with(
    client: Browser, db: Database, hasty: None
) -> None:
    create_campaign(db, "Otoño", *(f"6000000{n:02}" for n in range(60)))
    part = _part(client.page("/messages/?result=rare").html)
    answer = client.get(f"{part}&pause=1", headers=HTMX)
    assert "Go on looking" in answer.text and "load delay" not in answer.text


def _part(html: str) -> str:
    """Where the row at the end of the table goes on by itself."""
    _, found, rest = html.partition('id="looking" class="looking" hx-get="')
    return rest.partition('"')[0].replace("&amp;", "&") if found else ""
