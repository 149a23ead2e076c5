"""The counter in the page counts every text as the sender will split it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

import massivesms_web
from massivesms.domain import gsm7
from massivesms.domain.segments import MAX_SEGMENTS, split

STATIC = Path(massivesms_web.__file__).parent / "static"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGE = """<!doctype html><meta charset="utf-8">
<textarea data-counter="box" id="text"></textarea>
<div id="box" data-gsm7="GSM" data-ucs2="Unicode" hidden>
<dl data-count-summary><dd data-count="characters"></dd><dd data-count="alphabet"></dd>
<dd data-count="segments"></dd><dd data-count="left"></dd></dl>
<p data-note="unicode" hidden><b data-count="foreign"></b></p>
<p data-note="several" hidden></p><p data-note="too-long" hidden></p>
<div data-announce aria-live="polite"></div></div>"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A real browser with nothing but a message and its counter."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.set_content(PAGE)
        page.add_script_tag(path=STATIC / "counter.js")
        yield page
        browser.close()


def corpus() -> list[str]:
    """Texts about every border, and random ones full of what is special."""
    texts = [
        letter * size
        for letter in ("a", "ñ", "€", "á", "я", "😀", "\n", "^")
        for size in (0, 1, 34, 35, 36, 66, 67, 69, 70, 71, 76, 77, 80, 81, 133, 134)
    ]
    for size in (*range(66, 72), *range(132, 136), *range(150, 163), *range(304, 308)):
        for border in ("€", "ñ", "😀", "á", "€€", "😀😀", "~ñ"):
            texts.append("a" * size + border)
            texts.append("a" * size + border + "b" * 160)
            texts.append("я" * size + border + "b")
    dice = random.Random(23038)
    alphabets = ("abcñ€", "ab €[]~^\n", "aя😀€", "á😀", "ñÑ¿¡ üÇç\f", "a\u200d👩👧")
    for _ in range(1500):
        letters = dice.choice(alphabets)
        texts.append("".join(dice.choices(letters, k=dice.randrange(700))))
    texts += [chr(code) * 161 for code in range(0x20, 0x180)]
    return texts


def expected(text: str) -> dict[str, Any]:
    """What the sender does with a text, in the counter's words."""
    found = split(text)
    return {
        "alphabet": found.alphabet.value,
        "units": found.units,
        "characters": found.characters,
        "segments": len(found.parts),
        "left": found.left,
        "foreign": gsm7.foreign_characters(text),
    }


def test_the_tables_in_the_script_are_those_of_the_domain() -> None:
    script = (STATIC / "counter.js").read_text(encoding="utf-8")

    def table(name: str) -> str:
        found = re.search(rf'const {name} = (".*");', script)
        assert found
        text: str = json.loads(found[1])
        return text

    assert table("BASIC") == gsm7.GSM7_BASIC.replace(chr(gsm7.ESCAPE), "")
    assert table("EXTENSION") == "".join(gsm7.GSM7_EXTENSION)
    assert f"MAX_SEGMENTS = {MAX_SEGMENTS};" in script


@pytest.mark.journey
def test_the_counter_agrees_with_the_sender_to_the_character(page: Page) -> None:
    texts = corpus()
    counted = page.evaluate("texts => texts.map(massivesmsCounter.split)", texts)
    wrong = [
        (text, got, expected(text))
        for text, got in zip(texts, counted, strict=True)
        if got != expected(text)
    ]
    assert wrong[:3] == []


@pytest.mark.journey
@pytest.mark.parametrize(
    ("text", "shown", "notes"),
    [
        ("Hola", ("4", "GSM", "1", "156"), []),
        ("a" * 161, ("161", "GSM", "2", "145"), ["several"]),
        ("Él dijo “hola”", ("14", "Unicode", "1", "56"), ["unicode"]),
        ("a" * 1531, ("1531", "GSM", "11", "152"), ["too-long"]),
    ],
    ids=["short", "two-segments", "unicode", "eleven-segments"],
)
def test_while_typing_the_page_shows_what_it_costs(
    page: Page, text: str, shown: tuple[str, ...], notes: list[str]
) -> None:
    page.fill("#text", text)
    names = ("characters", "alphabet", "segments", "left")
    values = [page.text_content(f'[data-count="{name}"]') for name in names]
    assert tuple(values) == shown
    visible = page.eval_on_selector_all(
        "[data-note]:not([hidden])", "notes => notes.map(n => n.dataset.note)"
    )
    assert visible == notes


@pytest.mark.journey
def test_characters_that_make_it_unicode_are_named_even_without_a_shape(
    page: Page,
) -> None:
    page.fill("#text", "“café”\u00a0ó\u200b")
    assert page.text_content('[data-count="foreign"]') == "“  ”  U+00A0  ó  U+200B"
