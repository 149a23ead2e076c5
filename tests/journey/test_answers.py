"""Words are tried out and a keyword gets its answer, at a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

ANSWERS = "/configuration/answers/"


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", False), ("es", True)],
    ids=["English", "Spanish on a phone"],
)
def test_a_text_is_tried_out_before_and_after_a_keyword_is_made(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    word = f"tarifa{'s' if on_phone else ''}"
    person.open("/")
    person.go_to("Configuration", "Opt-outs and answers")
    person.stays_on_this_page()
    person.fill("A text as it might come in", "Ana baja del coche")
    person.press("What would happen?")
    person.sees("Nothing would be done of itself.")
    person.fill("A text as it might come in", "¡Baja, por favor!")
    person.press("What would happen?")
    person.sees("Opted out")
    assert person.has_stayed

    person.follow("New keyword answer")
    person.fill("Keywords", word)
    person.fill("Answer", "10 euros")
    person.tick("Monday")
    person.press("Save the answer")
    person.sees_own(word)
    person.sees("Monday")
    person.follow_own(word)
    person.tick("Monday", on=False)
    person.press("Save the answer")
    person.fill("A text as it might come in", f"{word.upper()} please")
    person.press("What would happen?")
    person.sees("Keyword answered")
    person.sees_own("10 euros")
    person.follow_own(word)
    person.follow("Remove")
    person.press("Remove the answer")
    person.look()
    assert stack.ask("config", "show")["opt_outs"] == "yes"
