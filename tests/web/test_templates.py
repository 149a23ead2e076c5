"""Templates: saved, searched, chosen where a message is written, kept from there."""

from __future__ import annotations

import html
import re

import pytest

from massivesms.domain import contact_fields
from massivesms.domain.templates import Draft
from massivesms.store import settings, templates
from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.sending import ANA, create_list, csv, rows, spain

CITA = {"name": "Cita", "text": "Hola <nombre>, mañana a las 10", "description": "x"}
TEMPLATES = "SELECT * FROM template ORDER BY name"
MESSAGES = "SELECT number, text, segments FROM message ORDER BY id"


@pytest.fixture(autouse=True)
def in_spain(db: Database) -> None:
    spain(db)


def save(db: Database, name: str, text: str = "Hola", description: str = "") -> int:
    with db.transaction() as tx:
        return templates.create(tx, Draft(name, text, description), ANA)


def setting(db: Database, **values: str) -> None:
    with db.transaction() as tx:
        settings.save(tx, values)


def test_a_template_is_made_changed_and_removed(client: Browser, db: Database) -> None:
    page = client.send("/templates/new", CITA).text
    assert "The template Cita is saved." in page
    assert '<mark class="place">&lt;nombre&gt;</mark>' in page
    (row,) = rows(db, TEMPLATES)
    client.send(f"/templates/{row['id']}", {**CITA, "text": "Adiós"})
    assert rows(db, TEMPLATES)[0]["text"] == "Adiós"
    assert "This will be lost" in client.page(f"/templates/{row['id']}/remove").html
    client.send(f"/templates/{row['id']}/remove")
    assert not rows(db, TEMPLATES)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "A name is missing."),
        ({"name": "CITA"}, "There is already a template called CITA."),
        ({"name": "Otra", "text": " "}, "The message is empty"),
        ({"name": "Otra", "description": "x" * 256}, "more than 255 characters"),
    ],
)
def test_what_is_wrong_is_said_and_kept_as_typed(
    client: Browser, db: Database, wrong: dict[str, str], said: str
) -> None:
    save(db, "Cita")
    page = client.send("/templates/new", {**CITA, **wrong}).text
    assert said in page
    assert len(rows(db, TEMPLATES)) == 1


def test_templates_are_searched_in_names_and_texts(
    client: Browser, db: Database
) -> None:
    save(db, "Cita", "Le esperamos")
    save(db, "Deuda", "Debe <saldo>", "100%")
    for search, name in (("ESPERAMOS", "Cita"), ("saldo", "Deuda"), ("100%", "Deuda")):
        page = client.page(f"/templates/?search={search.replace('%', '%25')}").html
        assert f">{name}</a>" in page
        assert page.count('class="row-name') == 1
    assert "No template has that" in client.page("/templates/?search=d_uda").html


def test_a_template_is_offered_where_messages_are_written(
    client: Browser, db: Database
) -> None:
    save(db, "Cita", 'Hola "<nombre>"')
    for url in ("/send/", "/campaigns/new"):
        page = client.page(url).html
        assert 'data-text="Hola &#34;&lt;nombre&gt;&#34;"' in page


def test_the_chosen_template_is_the_text_where_none_was_typed(
    client: Browser, db: Database
) -> None:
    chosen = save(db, "Cita", "Hola <nombre>")
    form = {
        "name": "Otoño", "recipients": "file", "template_id": str(chosen), "text": "",
        "file": csv("tel;nombre", "600111222;Ana"),
    }  # fmt: skip
    client.send("/campaigns/new", form)
    assert [row["text"] for row in rows(db, MESSAGES)] == ["Hola Ana"]


def test_a_template_that_was_taken_over_is_not_taken_again(
    client: Browser, db: Database
) -> None:
    chosen = save(db, "Cita", "Hola <nombre>")
    form = {"recipients": "file", "template_id": str(chosen), "text": "", "name": ""}
    page = client.send("/campaigns/new", form).text
    assert "Hola &lt;nombre&gt;</textarea>" in page
    assert f'<option selected value="{chosen}"' not in page
    page = client.send("/campaigns/new", {**form, "template_id": "0"}).text
    assert "Hola &lt;nombre&gt;</textarea>" not in page


def test_the_written_text_is_kept_as_a_template(client: Browser, db: Database) -> None:
    sent = {"template_name": "Cita", "text": "Hola\r\nAna"}
    assert "The template Cita is saved." in client.send("/templates/keep", sent).text
    assert rows(db, TEMPLATES)[0]["text"] == "Hola\nAna"
    assert "already a template" in client.send("/templates/keep", sent).text


def test_the_places_of_a_list_are_offered(client: Browser, db: Database) -> None:
    list_id = create_list(db, "L", "600111222")
    with db.transaction() as tx:
        tx.execute("UPDATE contact SET fields = %s", ('{"saldo": "5"}',))
    page = client.page(f"/campaigns/new/places?list_id={list_id}").html
    assert 'data-place="Saldo"' in page
    assert 'data-place="E-mail"' not in page
    assert 'data-place="E-mail"' in client.page("/campaigns/new").html


def test_an_unknown_place_is_said_beside_the_text(
    client: Browser, db: Database
) -> None:
    form = {
        "name": "Otoño", "recipients": "file", "text": "Debe <saldos>",
        "file": csv("tel;saldo", "600111222;5"),
    }  # fmt: skip
    page = client.send("/campaigns/new", form).text
    assert 'id="text-error">There is no column &lt;saldos&gt;. Do you mean' in page
    assert not rows(db, MESSAGES)


def test_the_campaign_shows_its_places_and_keeps_its_text(
    client: Browser, db: Database
) -> None:
    form = {
        "name": "Otoño", "recipients": "file", "text": "Debe <saldo>", "paused": "y",
        "file": csv("tel;saldo", "600111222;5", "600111223;"),
    }  # fmt: skip
    page = client.send("/campaigns/new", form).text
    assert '<mark class="place">&lt;saldo&gt;</mark>' in page
    assert "A value is missing" in page
    (campaign,) = rows(db, "SELECT id FROM campaign WHERE id > 1")
    url = f"/campaigns/{campaign['id']}/edit"
    again = client.send(url, {"name": "Otoño", "text": "Debe <saldo> hoy"}).text
    assert "create the campaign anew" in again
    client.send(url, {"name": "Invierno", "text": "Debe <saldo>"})
    assert rows(db, "SELECT name FROM campaign WHERE id > 1")[0]["name"] == "Invierno"


def test_a_single_message_with_a_place_is_not_sent(
    client: Browser, db: Database
) -> None:
    form = {"number": "600111222", "text": "Debe <saldo>", "how": "queue"}
    page = client.send("/send/", form).text
    assert "Write what belongs in the place of &lt;saldo&gt;" in page
    assert not rows(db, MESSAGES)


def test_the_signature_goes_with_a_single_message(
    client: Browser, db: Database
) -> None:
    setting(db, signature="Acme")
    assert 'data-signature="Acme"' in client.page("/send/").html
    form = {"number": "600111222", "text": "x" * 158, "how": "queue"}
    client.send("/send/", form)
    (row,) = rows(db, MESSAGES)
    assert (row["text"], row["segments"]) == ("x" * 158 + "\nAcme", 2)


def test_the_signature_is_not_in_the_text_that_is_changed(
    client: Browser, db: Database
) -> None:
    setting(db, signature="Acme")
    form = {
        "name": "Otoño", "recipients": "file", "text": "Hola", "paused": "y",
        "file": csv("600111222"),
    }  # fmt: skip
    client.send("/campaigns/new", form)
    (campaign,) = rows(db, "SELECT id, text FROM campaign WHERE id > 1")
    assert campaign["text"] == "Hola\nAcme"
    url = f"/campaigns/{campaign['id']}/edit"
    assert "Hola</textarea>" in client.page(url).html
    client.send(url, {"name": "Otoño", "text": "Adiós"})
    (campaign,) = rows(db, "SELECT text FROM campaign WHERE id > 1")
    assert campaign["text"] == "Adiós\nAcme"


@pytest.mark.parametrize("text", ["Hola", "Hola <nombre>"])
def test_a_text_that_is_left_as_it_was_keeps_the_signature_it_was_made_with(
    client: Browser, db: Database, text: str
) -> None:
    setting(db, signature="Acme")
    new = {"recipients": "all", "text": f"{text}\r\nAcme", "paused": "y"}
    file = csv("tel;nombre", "600111222;Ana")
    made = {"name": "Otoño", "recipients": "file", "text": text, "file": file}
    client.send("/campaigns/new", {**new, **made})
    (campaign,) = rows(db, "SELECT id, text FROM campaign WHERE id > 1")
    setting(db, signature="Otra SL")
    url = f"/campaigns/{campaign['id']}/edit"
    shown = {"name": "Otro nombre", "text": f"{text}\r\nAcme"}
    assert "was changed" in client.send(url, shown).text
    copied = {**new, "name": "Copia", "copy_of": str(campaign["id"])}
    assert "was created" in client.send("/campaigns/new", copied).text
    found = rows(db, "SELECT name, text FROM campaign WHERE id > 1 ORDER BY id")
    assert [row["name"] for row in found] == ["Otro nombre", "Copia"]
    assert {row["text"] for row in found} == {f"{text}\nAcme"}
    if text == "Hola":
        client.send(url, {"name": "Otro nombre", "text": "Adiós"})
        (row,) = rows(db, "SELECT text FROM campaign WHERE name = 'Otro nombre'")
        assert row["text"] == "Adiós\nOtra SL"


def test_words_that_operators_refuse_are_pointed_out_and_sent(
    client: Browser, db: Database
) -> None:
    saved = {"refused_words": "BCP\r\nNúmero de cuenta", "signature": " Acme \r\n"}
    client.send("/configuration/", {"time_zone": "UTC", **saved})
    assert {"name": "refused_words", "value": "BCP, Número de cuenta"} in rows(
        db, "SELECT name, value FROM setting"
    )
    assert "&#34;BCP&#34;" in client.page("/campaigns/new").html
    form = {
        "name": "Otoño", "recipients": "file", "text": "Su numero de CUENTA bcp.",
        "file": csv("+34600111222"),
    }  # fmt: skip
    page = client.send("/campaigns/new", form).text
    assert "Operators may refuse this message: BCP, Número de cuenta." in page
    assert len(rows(db, MESSAGES)) == 1
    (made,) = rows(db, "SELECT id FROM campaign WHERE id > 1")
    edited = {"name": "Otoño", "text": "Su BCP"}
    page = client.send(f"/campaigns/{made['id']}/edit", edited).text
    assert "Operators may refuse this message: BCP." in page
    single = {"number": "+34600111222", "text": "Su BCP", "how": "queue"}
    page = client.send("/send/", single, follow=True).text
    assert "Operators may refuse this message: BCP." in page
    url = f"/campaigns/{made['id']}/single"
    page = client.send(url, single, follow=True).text
    assert "Operators may refuse this message: BCP." in page


def test_each_place_that_is_offered_is_understood_in_both_languages(
    client: Browser,
) -> None:
    for language, first in (("en", "First name"), ("es", "Nombre")):
        client.send("/account/language", {"language": language})
        page = client.page("/campaigns/new").html
        offered = re.findall(r'data-place="([^"]+)"', page)
        assert offered[0] == first
        names = [contact_fields.name_of(html.unescape(title)) for title in offered]
        assert names == [*contact_fields.STANDARD, "number"]
