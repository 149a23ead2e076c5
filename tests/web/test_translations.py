"""Both languages are complete, compiled and agree with the sources."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "service" / "massivesms" / "translations"
LANGUAGES = ("en", "es")
PLACE = re.compile(r"%(?:\(\w+\))?[sd%]")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}

Id = str | tuple[str, ...]


@cache
def extracted() -> frozenset[Id]:
    """Every sentence of the sources, as babel.cfg says."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS)
    return frozenset(message for _file, _line, message, *_rest in found if message)


def catalogue(language: str) -> Catalog:
    with po(language).open("rb") as file:
        return read_po(file, locale=language)


def po(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def key(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def texts(value: Id) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    known = {key(message) for message in catalogue(language) if message.id}
    new, gone = list(extracted() - known), list(known - extracted())
    assert (new, gone) == ([], []), "run scripts/translate"


def test_everything_is_translated_into_spanish() -> None:
    missing = [
        message.id
        for message in catalogue("es")
        if message.id and (message.fuzzy or not all(texts(message.string)))
    ]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_written_one(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    assert po(language).with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_translations_keep_the_places_of_values() -> None:
    for message in catalogue("es"):
        if not message.id:
            continue
        for original, translated in zip(
            texts(message.id), texts(message.string), strict=True
        ):
            there = sorted(set(PLACE.findall(original)))
            assert sorted(set(PLACE.findall(translated))) == there, original


def test_translations_end_as_their_sentences_do() -> None:
    for message in catalogue("es"):
        for original, translated in zip(
            texts(message.id or ()), texts(message.string or ()), strict=False
        ):
            if original.endswith((".", "?", ":")):
                assert translated[-1] == original[-1], original
