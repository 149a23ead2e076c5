"""The page shows what is replaced in a text exactly as the server will replace it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from massivesms.domain.smart_text import LETTERS, MARKS, Choice, improve
from tests.journey.test_counter import ARGUMENTS, CHROMIUM, STATIC

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<textarea data-counter="box" data-characters="how" id="text"></textarea>
<select id="how"><option>keep</option><option selected>marks</option>
<option>letters</option></select>
<select id="trunk_id"><option>0</option><option>3</option></select>
<div id="box" hidden><div data-smart data-prices='{"0": "0.0500"}' hidden>
<p data-smart-part="doubles" hidden><b></b></p><div data-smart-part="found" hidden>
<p data-smart-part="done" hidden></p><p data-smart-part="offered" hidden></p>
<div data-smart-text></div><p data-smart-part="saved" hidden><b></b></p>
<p data-smart-part="money" hidden><b></b></p>
<button type="button" data-smart-take>take</button></div></div>
<div data-announce></div></div>"""
LONG = "“" + "a" * 158 + "”"
LETTERED = "á" * 70 + "b"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A real browser with a message, its counter and what would be replaced."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.set_content(PAGE)
        page.add_script_tag(path=STATIC / "counter.js")
        page.add_script_tag(path=STATIC / "smart_text.js")
        yield page
        browser.close()


def corpus() -> list[str]:
    """Every replaceable character alone and among others, and random texts."""
    olds = sorted({c for t in (MARKS, LETTERS) for olds in t.values() for c in olds})
    texts = [f"a{old}b" for old in olds] + ["…" * n for n in (23, 54, 67, 70, 71)]
    texts += [LONG, LETTERED, "n\u0303o\u0301", "e\u0301", "x\u0301", "“я”", "😀…"]
    dice = random.Random(23038)
    for _ in range(1500):
        letters = [*dice.sample(olds, 4), "a", "€", " ", "\u0301", "n\u0303"]
        letters += dice.choices(("", "я", "😀"), (20, 1, 1))
        texts.append("".join(dice.choices(letters, k=dice.randrange(200))))
    return texts


def expected(text: str, choice: Choice) -> dict[str, Any]:
    """What the server does with a text, in the script's words."""
    found = improve(text, choice)
    return {
        "text": found.text,
        "replacements": [[r.start, r.old, r.new] for r in found.replacements],
        "before": len(found.before.parts),
        "after": len(found.after.parts),
    }


def test_the_tables_in_the_script_are_those_of_the_domain() -> None:
    script = (STATIC / "smart_text.js").read_text(encoding="utf-8")
    for name, table in (("MARKS", MARKS), ("LETTERS", LETTERS)):
        found = re.search(rf"const {name} = (\{{.*?\n  \}});", script, re.DOTALL)
        assert found
        assert json.loads(found[1]) == dict(table)


@pytest.mark.journey
@pytest.mark.parametrize("choice", list(Choice))
def test_the_page_replaces_what_the_server_replaces(page: Page, choice: Choice) -> None:
    texts = corpus()
    script = "([texts, how]) => texts.map((t) => massivesmsSmartText.improve(t, how))"
    improved = page.evaluate(script, [texts, str(choice)])
    wrong = [
        (text, got, expected(text, choice))
        for text, got in zip(texts, improved, strict=True)
        if got != expected(text, choice)
    ]
    assert wrong[:3] == []


def shown(page: Page) -> list[str]:
    """The names of the parts that a person sees."""
    page.evaluate("document.getElementById('box').hidden = false")
    script = "all => all.filter(e => e.offsetParent).map(e => e.dataset.smartPart)"
    found: list[str] = page.eval_on_selector_all("[data-smart-part]", script)
    return found


@pytest.mark.journey
def test_what_will_be_replaced_is_marked_with_its_saving(page: Page) -> None:
    page.select_option("#how", "marks")
    page.fill("#text", LONG)
    assert shown(page) == ["found", "done", "saved", "money"]
    assert page.locator("[data-smart-text] mark").all_text_contents() == ['"', '"']
    assert page.text_content('[data-smart-part="saved"] b') == "2"
    assert page.text_content('[data-smart-part="money"] b') == "0.10"
    page.select_option("#trunk_id", "3")  # of which no price is known
    assert shown(page) == ["found", "done", "saved"]


@pytest.mark.journey
def test_letters_are_offered_and_taken_over_by_a_click(page: Page) -> None:
    page.select_option("#how", "marks")
    page.fill("#text", LETTERED)
    assert "offered" in shown(page) and "done" not in shown(page)
    assert page.input_value("#text") == LETTERED
    page.click("[data-smart-take]")
    assert page.input_value("#text") == "a" * 70 + "b"
    assert shown(page) == []


@pytest.mark.journey
def test_what_counts_double_is_named(page: Page) -> None:
    page.fill("#text", "[5 €]")
    assert shown(page) == ["doubles"]
    assert page.text_content('[data-smart-part="doubles"] b') == "[  €  ]"
