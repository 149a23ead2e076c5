"""Texts with places: each recipient gets its own, and what is lacking is said."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import NumberPlan
from massivesms.domain.recipients import Row
from massivesms.errors import TextRefused
from massivesms.intake import campaign_loads, load_sources
from massivesms.intake.load_sources import Source
from massivesms.intake.loads import Loaded
from massivesms.store import campaigns, imports, lists, settings
from massivesms.store.audit import Actor
from massivesms.store.db import Database

SPAIN = NumberPlan("34", ("6", "7"))
FILE = "nombre;teléfono;Saldo pendiente\nAna;600111222;12,50\nLuis;600111223;\n"


def from_file(db: Database, actor: Actor, text: str, content: str = FILE) -> Loaded:
    source = load_sources.file_source(io.BytesIO(content.encode()), "a.csv")
    draft = Draft("C", text)
    return campaign_loads.create_campaign_from_file(db, draft, source, SPAIN, actor)


def from_list(
    db: Database, actor: Actor, text: str, *fields: dict[str, str] | None
) -> Loaded:
    with db.transaction() as tx:
        list_id = lists.create(tx, "L", "", actor)
        for n, values in enumerate(fields):
            stored = json.dumps(values) if values else None
            tx.execute(
                "INSERT INTO contact (list_id, number, is_local, fields, created_at)"
                " VALUES (%s, %s, 1, %s, UTC_TIMESTAMP(3))",
                (list_id, f"+3460011122{n}", stored),
            )
        tx.execute("UPDATE list SET included = %s", (len(fields),))
        chosen = lists.by_id(tx, list_id) or {}
    return campaign_loads.create_campaign_from_list(db, Draft("C", text), chosen, actor)


def sent(db: Database) -> list[tuple[Any, ...]]:
    with db.transaction() as tx:
        return tx.tuples("SELECT number, segments, text FROM message ORDER BY id")


def verdicts(db: Database, loaded: Loaded) -> list[tuple[int, str, str]]:
    with db.transaction() as tx:
        found = imports.problems(tx, loaded.import_id)
    return [(row["line"], row["code"], row["problem"].text) for row in found]


def test_each_row_of_a_file_gets_its_own_text(db: Database, actor: Actor) -> None:
    loaded = from_file(db, actor, "Hola <nombre> (<number>)")
    assert (loaded.accepted, loaded.refused) == (2, 0)
    assert [text for _, _, text in sent(db)] == [
        "Hola Ana (+34600111222)",
        "Hola Luis (+34600111223)",
    ]
    with db.transaction() as tx:
        campaign = campaigns.by_name(tx, "C")
    assert campaign["text"] == "Hola <nombre> (<number>)"


def test_the_title_of_the_column_of_numbers_is_the_number(
    db: Database, actor: Actor
) -> None:
    from_file(db, actor, "Su <Teléfono>")
    assert [text for _, _, text in sent(db)] == ["Su +34600111222", "Su +34600111223"]


def test_a_row_without_the_value_gets_a_verdict(db: Database, actor: Actor) -> None:
    loaded = from_file(db, actor, "<nombre>: debe <Saldo pendiente> EUR")
    assert [text for _, _, text in sent(db)] == ["Ana: debe 12,50 EUR"]
    assert (loaded.accepted, loaded.refused) == (1, 1)
    assert verdicts(db, loaded) == [
        (
            *(3, "value_missing"),
            "It has no value for <Saldo pendiente>, which the message wants.",
        )
    ]


def test_a_later_row_with_the_value_is_taken(db: Database, actor: Actor) -> None:
    rows = "tel;nombre\n600111222;\n600111222;Ana\n"
    loaded = from_file(db, actor, "Hola <nombre>", rows)
    assert [text for _, _, text in sent(db)] == ["Hola Ana"]
    assert (loaded.accepted, loaded.refused) == (1, 1)


def test_segments_are_counted_for_each_text(db: Database, actor: Actor) -> None:
    rows = f"tel;nombre\n600111222;Ana\n600111223;{'x' * 200}\n600111224;Iñigo ǿ\n"
    from_file(db, actor, "Hola <nombre>, " + "y" * 60, rows)
    assert [segments for _, segments, _ in sent(db)] == [1, 2, 2]
    with db.transaction() as tx:
        (counted,) = tx.tuples("SELECT SUM(segments) FROM campaign_count")
    assert counted == (5,)


def test_what_stands_in_a_value_is_no_place(db: Database, actor: Actor) -> None:
    rows = "tel;nombre;saldo\n600111222;<saldo>;<b>9</b>\n"
    from_file(db, actor, "<nombre> <saldo>", rows)
    assert [text for _, _, text in sent(db)] == ["<saldo> <b>9</b>"]


@pytest.mark.parametrize("text", ["Debe <saldo_pend>", "Debe <SALDO PENDIENTES>"])
def test_an_unknown_place_refuses_the_text_and_names_the_nearest(
    db: Database, actor: Actor, text: str
) -> None:
    with pytest.raises(TextRefused, match="Do you mean <saldo_pendiente>"):
        from_file(db, actor, text)
    assert not sent(db)


def test_rows_from_elsewhere_tell_their_fields_themselves(
    db: Database, actor: Actor
) -> None:
    rows = [Row(1, "600111222", fields={"deuda": "5"}), Row(2, "600111223")]
    draft = Draft("C", "Debe <deuda>")
    campaign_loads.create_campaign_from_file(
        db, draft, Source("file", rows), SPAIN, actor
    )
    assert [text for _, _, text in sent(db)] == ["Debe 5"]


def test_each_contact_of_a_list_gets_its_own_text(db: Database, actor: Actor) -> None:
    loaded = from_list(
        db, actor, "Hola <nombre>", {"first_name": "Ana"}, None, {"first_name": "Eva"}
    )
    assert [(n, text) for n, _, text in sent(db)] == [
        ("+34600111220", "Hola Ana"),
        ("+34600111222", "Hola Eva"),
    ]
    assert [(line, code) for line, code, _ in verdicts(db, loaded)] == [
        (2, "value_missing")
    ]
    assert (loaded.accepted, loaded.refused) == (2, 1)


def test_a_place_that_no_contact_has_refuses_the_text(
    db: Database, actor: Actor
) -> None:
    with pytest.raises(TextRefused, match="Do you mean <saldo>"):
        from_list(db, actor, "<saldos>", {"saldo": "1"}, {"otro": "2"})
    assert not sent(db)


def test_a_list_without_places_has_one_text(db: Database, actor: Actor) -> None:
    from_list(db, actor, "Hola <3", {"first_name": "Ana"}, None)
    assert [text for _, _, text in sent(db)] == [None, None]


# --- the signature -------------------------------------------------------------


def sign(db: Database, signature: str) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"signature": signature})


def test_the_signature_ends_every_text(db: Database, actor: Actor) -> None:
    sign(db, "Acme")
    rows = "tel;mensaje;nombre\n600111222;Para ti;Ana\n600111223;;Luis\n"
    from_file(db, actor, "Hola <nombre>", rows)
    assert [text for _, _, text in sent(db)] == ["Para ti\nAcme", "Hola Luis\nAcme"]
    with db.transaction() as tx:
        assert campaigns.by_name(tx, "C")["text"] == "Hola <nombre>\nAcme"


def test_the_signature_is_counted_and_never_there_twice(
    db: Database, actor: Actor
) -> None:
    sign(db, "Acme")
    from_list(db, actor, "x" * 158 + "\nAcme", None)
    assert [(segments, text) for _, segments, text in sent(db)] == [(2, None)]
    with db.transaction() as tx:
        assert campaigns.by_name(tx, "C")["text"].count("Acme") == 1


def test_a_text_that_the_signature_makes_too_long_is_refused(
    db: Database, actor: Actor
) -> None:
    sign(db, "Acme")
    with pytest.raises(TextRefused, match="too long"):
        from_list(db, actor, "x" * 1530, None)
