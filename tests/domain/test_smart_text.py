"""Expensive characters are named, replaced only where that pays, and always said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from massivesms.domain.gsm7 import GSM7_CHARACTERS, is_gsm7
from massivesms.domain.smart_text import (
    LETTERS,
    MARKS,
    Choice,
    costly,
    improve,
    read_choice,
    said,
    visible,
)

LONG = "Estimado cliente, su pedido está listo – recójalo hoy… " + "a" * 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Hola”", '"Hola"'),
        ("l’hora", "l'hora"),
        ("«9–14»", '"9-14"'),
        ("Espere…", "Espere..."),
        ("1\u00a0000\u202f€", "1 000 €"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("• uno\n• dos", "- uno\n- dos"),
        ("o\ufb01cina", "oficina"),
        ("uno\tdos\u2028tres", "uno dos\ntres"),
        ("man\u0303ana", "mañana"),
    ],
    ids=[
        *("quotes", "apostrophe", "guillemets", "ellipsis", "blanks", "zero-width"),
        *("bullets", "ligature", "tab-and-line", "accent-apart"),
    ],
)
def test_typographic_marks_become_plain_ones(text: str, expected: str) -> None:
    assert improve(text, Choice.MARKS).text == expected


def test_what_is_put_in_is_plain_and_takes_the_place_of_one_foreign() -> None:
    for table in (MARKS, LETTERS):
        for new, olds in table.items():
            assert is_gsm7(new)
            assert not GSM7_CHARACTERS.intersection(olds)
    every = "".join([*MARKS.values(), *LETTERS.values()])
    assert len(every) == len(set(every))


def test_letters_are_replaced_only_when_chosen() -> None:
    assert improve("Él está aquí", Choice.MARKS).text == "Él está aquí"
    better = improve("Él está aquí", Choice.LETTERS)
    assert better.text == "Él esta aqui"
    assert [(r.start, r.old, r.new) for r in better.replacements] == [
        (6, "á", "a"),
        (11, "í", "i"),
    ]
    assert improve("ni\u0301 n\u0303", Choice.LETTERS).text == "ni ñ"


@pytest.mark.parametrize(
    "text",
    ["“Привет” – hola", "👩\u200d👧 hola…", "“está”", "می\u200cخواهم"],
    ids=["cyrillic", "emoji", "accent", "persian"],
)
def test_a_text_that_stays_unicode_is_not_touched(text: str) -> None:
    kept = improve(text, Choice.MARKS)
    assert (kept.text, kept.replacements, kept.saved_segments) == (text, (), 0)


def test_a_text_is_never_made_longer() -> None:
    assert improve("…" * 70, Choice.MARKS).replacements == ()


def test_nothing_is_replaced_in_a_text_that_is_kept_or_plain() -> None:
    assert improve("“Hola”", Choice.KEEP).replacements == ()
    assert improve("mañana a las 8 €", Choice.LETTERS).replacements == ()


def test_the_saving_is_in_segments_and_in_money() -> None:
    better = improve(LONG, Choice.LETTERS)
    assert (len(better.before.parts), len(better.after.parts)) == (2, 1)
    assert better.saving(Decimal("0.0450"), 1000) == Decimal("45.0000")
    assert better.saving(None, 1000) is None


def test_what_was_replaced_is_said_with_what_has_no_shape_by_its_code() -> None:
    words = said(improve("“a”\u00a0b\u200b", Choice.MARKS))
    assert words is not None
    assert '“ → ", ” → ", U+00A0 → U+0020, U+200B → ∅' in words.text
    assert said(improve("hola", Choice.MARKS)) is None
    assert visible("") == "∅"


@pytest.mark.parametrize(
    ("text", "signature", "has_places", "end"),
    [
        ("“a”", "", False, "It is no longer Unicode."),
        ("“a”", "Acme", False, "It is no longer Unicode."),
        ("“a”", "Жar", False, '” → ".'),
        ("“a” <nombre>", "", True, '” → ".'),
        ("“" * 100, "", False, "1 instead of 2."),
        ("“" * 100, "Ж", False, '“ → ".'),
        ("“" * 130, "x" * 40, False, "2 instead of 3."),
    ],
    ids=[
        "alone",
        "signed",
        "signed in Unicode",
        "to be filled",
        "shorter",
        "short and signed in Unicode",
        "longer by its signature",
    ],
)
def test_only_what_is_certain_of_the_message_that_is_sent_is_said(
    text: str, signature: str, has_places: bool, end: str
) -> None:
    words = said(improve(text, Choice.MARKS), signature, has_places=has_places)
    assert words is not None and words.text.endswith(end)


def test_expensive_characters_are_named_with_their_equivalent() -> None:
    found = {one.character: one for one in costly("“á” [€] я a")}
    assert list(found) == ["“", "á", "”", "[", "€", "]", "я"]
    assert (found["“"].equivalent, found["“"].kind) == ('"', Choice.MARKS)
    assert (found["á"].equivalent, found["á"].kind) == ("a", Choice.LETTERS)
    assert found["€"].is_double and found["€"].equivalent is None
    assert not found["я"].is_double and found["я"].equivalent is None


def test_a_choice_that_is_none_is_the_usual_one() -> None:
    assert read_choice("letters", Choice.KEEP) is Choice.LETTERS
    assert read_choice("other", Choice.MARKS) is Choice.MARKS
    assert read_choice(None, Choice.KEEP) is Choice.KEEP
