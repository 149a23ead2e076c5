"""Incoming: read, found, answered, and nothing in it can hurt the page."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from massivesms.store import blocked_numbers, inbound, inbound_pages
from massivesms.store.db import Database
from massivesms.store.inbound import NewInbound
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.sending import TEXT, create_message, create_trunk, settle, spain

ANA, BEA = "+34600111222", "+34600111333"


def came(db: Database, text: str = "Hola", number: str = ANA, **more: Any) -> int:
    """Something that came in; its id."""
    sender = more.pop("sender", number)
    trunk_id = more.pop("trunk_id", 1)
    new = NewInbound(trunk_id, number, sender, "5000", text, **more)
    return db.atomically(lambda tx: inbound.add(tx, new))


def change(
    db: Database, row_id: int, what: str, table: str = "inbound_message"
) -> None:
    sql = f"UPDATE {table} SET {what} WHERE id = %s"
    db.atomically(lambda tx: tx.execute(sql, (row_id,)))


def test_an_empty_page_says_what_must_be_set_at_the_operator(
    client: Browser, db: Database
) -> None:
    create_trunk(db, "Operadora")
    page = client.page("/incoming/")
    assert "No message has come in yet" in page.text
    assert "These can receive: Operadora." in page.text
    assert "/trunks/" in page.links


def test_the_newest_comes_first_beside_what_was_sent(
    client: Browser, db: Database
) -> None:
    settle(db, create_message(db, ANA, text="¿Viene usted?"), "delivered")
    came(db, "Primero", BEA)
    came(db, "Sí, voy")
    text = client.page("/incoming/").text
    assert text.index("Sí, voy") < text.index("Primero")
    assert "¿Viene usted?" in text
    assert "Delivered" in text


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("number=600111222", "de Ana", "de Bea"),
        ("number=%2B34600111333", "de Bea", "de Ana"),
        ("number=banc", "del banco", "de Ana"),
        ("number=2172", "del código", "de Ana"),
        ("number=zzz", "No incoming message is like that", "de Ana"),
        ("text=ANA", "de Ana", "de Bea"),
        ("text=%25", "No incoming message is like that", "de Ana"),
        ("trunk=2", "de Bea", "de Ana"),
        ("trunk=x", "de Ana", "No incoming"),
        ("done=opt_out", "de Bea", "de Ana"),
        ("done=none", "de Ana", "de Bea"),
        ("done=nonsense", "de Ana", "No incoming"),
        ("from=2026-02-03&to=2026-02-03", "de Bea", "de Ana"),
        ("from=2026-02-04", "de Ana", "de Bea"),
        ("to=2026-02-02", "No incoming message is like that", "de Bea"),
        ("number=600111&text=bea&trunk=2&from=2026-02-03", "de Bea", "de Ana"),
        ("before=99999999999999999999999", "de Ana", "No incoming"),
    ],
)
def test_filters_live_in_the_address(
    client: Browser, db: Database, query: str, there: str, absent: str
) -> None:
    spain(db)
    other = came(db, "de Bea", BEA, trunk_id=2)
    change(db, other, "handled = 'opt_out', received_at = '2026-02-03 22:30:00'")
    came(db, "del banco", "", sender="BANCO")
    came(db, "del código", "", sender="217217")
    came(db, "de Ana")
    text = client.page(f"/incoming/?{query}").text
    assert there in text
    assert absent not in text


def test_more_are_reached_by_key(client: Browser, db: Database) -> None:
    for n in range(120):
        came(db, f"n{n:03}", f"+346000{n:05}")
    seen, path = [], "/incoming/"
    while path:
        page = client.page(path)
        seen += [f"n{n:03}" for n in range(119, -1, -1) if f"n{n:03}" in page.text]
        path = next((link for link in page.links if "before=" in link), "")
    assert seen == [f"n{n:03}" for n in range(119, -1, -1)]


def test_a_text_is_looked_for_among_so_many_at_a_time(
    client: Browser, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_pages, "LOOKED_THROUGH", 10)
    came(db, "aguja", BEA)
    for _ in range(25):
        came(db, "paja")
    page = client.page("/incoming/?text=aguja")
    assert "There may be others further back" in page.text
    for _ in range(2):
        assert "There may be others further back" in page.text
        (further,) = (link for link in page.links if "before=" in link)
        page = client.page(further)
    assert BEA in page.text
    assert "further back" not in page.text


def test_the_table_alone_is_fetched_again(client: Browser, db: Database) -> None:
    came(db)
    got = client.get("/incoming/?text=Hola", headers={"HX-Request": "true"})
    assert b"<html" not in got.data
    assert ANA.encode() in got.data
    page = client.page("/incoming/?text=Hola").html
    assert 'hx-get="/incoming/?text=Hola" hx-trigger="every 5s"' in page


def test_what_could_deceive_is_spelt_out(client: Browser, db: Database) -> None:
    text = "a\x00b \x1b[31m \u202egpj.exe <script>alert(1)</script>\nzwei"
    one = came(db, text, "", sender="\u202eEVIL<b>")
    for path in ("/incoming/", f"/incoming/{one}"):
        html = client.page(path).html
        assert "a\\x00b \\x1b[31m \\u202egpj.exe &lt;script&gt;" in html
        assert "\\u202eEVIL&lt;b&gt;" in html
        assert "\x00" not in html
        assert "\u202e" not in html


def test_what_is_incomplete_or_unreadable_says_so(
    client: Browser, db: Database
) -> None:
    came(db, "uno [...]", parts=2, incomplete=True)
    came(db, "0x0500", unreadable=True)
    change(db, came(db, "BAJA"), "handled = 'opt_out'")
    text = client.page("/incoming/").text
    assert "Incomplete: parts of it never came" in text
    assert "Not readable: its octets in hexadecimal" in text
    assert "Opted out" in text


def test_a_message_is_shown_with_its_conversation(
    client: Browser, db: Database
) -> None:
    trunk_id = create_trunk(db)
    asked = create_message(db, ANA, text="¿Viene usted?")
    settle(db, asked, "delivered", submitted_at="2026-01-01 10:00:00")
    create_message(db, BEA, text="A otra persona")
    first = came(db, "¿A qué hora?", trunk_id=trunk_id)
    change(db, first, "received_at = '2026-01-01 10:00:01'")
    create_message(db, ANA, text="A las diez")
    came(db, "De otra persona", BEA)
    page = client.page(f"/incoming/{first}")
    order = [page.text.rindex(t) for t in ("¿Viene", "¿A qué hora?", "A las diez")]
    assert order == sorted(order)
    assert "otra persona" not in page.text
    assert f"/send/?number=%2B34600111222&trunk={trunk_id}" in page.links
    assert "/messages/?number=%2B34600111222" in page.links


def test_the_answer_goes_over_the_trunk_on_which_it_came(
    client: Browser, db: Database
) -> None:
    trunk_id = create_trunk(db)
    html = client.page(f"/send/?number={ANA[1:]}&trunk={trunk_id}").html
    assert f'<option selected value="{trunk_id}">' in html
    for nonsense in ("99", "x"):
        assert "Automatic" in client.page(f"/send/?trunk={nonsense}").text


def test_a_long_conversation_is_reached_back_to_its_beginning(
    client: Browser, db: Database
) -> None:
    for n in range(40):
        sent = create_message(db, ANA, text=f"sale{n:02}")
        one = came(db, f"entra{n:02}")
        at = f"'2026-02-03 10:{n:02}:"
        change(db, one, f"received_at = {at}30'")
        change(db, sent, f"created_at = {at}00'", "message")
    seen: list[str] = []
    path = f"/incoming/{one}"
    while path:
        page = client.page(path)
        talk = page.html.split('class="talk"')[1]
        found = [
            f"{way}{n:02}" for n in range(40) for way in ("sale", "entra")
            if f"{way}{n:02}" in talk
        ]  # fmt: skip
        seen = found + seen
        path = next((link for link in page.links if "came=" in link), "")
    assert seen == [f"{w}{n:02}" for n in range(40) for w in ("sale", "entra")]


def test_a_name_has_no_number_to_answer(client: Browser, db: Database) -> None:
    one = came(db, "Su clave", "", sender="BANCO")
    came(db, "Otra clave", "", sender="BANCO")
    page = client.page(f"/incoming/{one}")
    assert "Otra clave" in page.text
    assert not [link for link in page.links if link.startswith("/send/?")]


def test_the_number_can_be_blocked_from_here(client: Browser, db: Database) -> None:
    one = came(db)
    assert "Block the number" in client.page(f"/incoming/{one}").text
    values = {"numbers": ANA, "reason": "It wrote to us"}
    client.send("/lists/blocked/", values)
    with db.transaction() as tx:
        assert blocked_numbers.find(tx, ANA)
    text = client.page(f"/incoming/{one}").text
    assert "Block the number" not in text
    assert "The number is blocked" in text


def test_the_file_has_what_the_page_has(client: Browser, db: Database) -> None:
    spain(db)
    settle(db, create_message(db, ANA), "delivered")
    came(db, "Sí; voy", BEA)
    change(db, came(db, "a\x00b\nc"), "handled = 'keyword'")
    forms = client.page("/incoming/?number=600111222").forms
    (form,) = [form for form in forms if form.get("action") == "/incoming/incoming.csv"]
    assert "data-file" in form  # it may be sent again
    got = client.send(form["action"], form["fields"])
    head, row = csv.reader(io.StringIO(got.data.decode("utf-8-sig"), newline=""))
    assert head[1] == "Written by"
    assert row[1:2] + row[3:7] == [ANA, "5000", "a\\x00b\nc", "Keyword answered", TEXT]


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Output queue"), ("es", "Cola de salida")]
)
def test_the_file_names_the_output_queue_in_the_readers_language(
    client: Browser, db: Database, language: str, name: str
) -> None:
    client.send("/language", {"language": language})
    settle(db, create_message(db, ANA), "delivered")
    came(db)
    came(db, number=BEA)
    got = client.send("/incoming/incoming.csv").data.decode("utf-8-sig")
    _head, *lines = csv.reader(io.StringIO(got, newline=""))
    assert {line[1]: line[7] for line in lines} == {ANA: name, BEA: ""}


def test_an_unknown_one_is_not_there(client: Browser) -> None:
    assert client.get("/incoming/7").status_code == 404


def test_whoever_sends_may_read_them(client_as: ClientAs, db: Database) -> None:
    came(db)
    assert ANA in client_as("operator").page("/incoming/").text
