"""What the PBX signs: which hand-overs hold, and everything that does not."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest

from massivesms import handover
from massivesms.handover import Refusal, Visitor
from tests.pbx.handing_over import KEY, form, signed, words

NOW = time.time()


def read(data: dict[str, str], source: str = "issabel") -> Visitor | Refusal:
    key = bytes.fromhex(KEY)
    return handover.read(data["token"], data["signature"], key, source, time.time())


def test_a_visitor_is_who_the_pbx_says() -> None:
    found = read(form(words(user="Íñigo ñ", admin="1", known="a\nb", lang="es-AR")))
    assert isinstance(found, Visitor)
    assert (found.source, found.name, found.pbx_id) == ("issabel", "Íñigo ñ", "7")
    assert (found.language, found.target) == ("es", "campaigns")
    privilege, administrators = "*privilege:operator", "*administrators"
    assert set(found.groups) == {privilege, administrators, "sms_operator", "ventas"}
    assert found.known_groups == ("a", "b")


@pytest.mark.parametrize("field", sorted(words()))
def test_each_altered_word_breaks_the_signature(field: str) -> None:
    given = words()
    data = form(given)
    data["token"] = urlencode({**given, field: given[field] + "0"})
    assert read(data) is Refusal.SIGNATURE


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"aud": "other"}, Refusal.AUDIENCE),
        ({"v": "2"}, Refusal.AUDIENCE),
        ({"source": "freepbx"}, Refusal.SOURCE),
        ({"source": "own"}, Refusal.SOURCE),
        ({"source": ""}, Refusal.SOURCE),
        ({"user": ""}, Refusal.SHAPE),
        ({"user": "x" * 57}, Refusal.SHAPE),
        ({"user": " maria"}, Refusal.SHAPE),
        ({"user": "ma\x1bria"}, Refusal.SHAPE),
        ({"user": "ma\nria"}, Refusal.SHAPE),
        ({"uid": ""}, Refusal.SHAPE),
        ({"uid": "7; DROP"}, Refusal.SHAPE),
        ({"uid": "x" * 65}, Refusal.SHAPE),
        ({"ext": "<b>"}, Refusal.SHAPE),
        ({"admin": "yes"}, Refusal.SHAPE),
        ({"nonce": "short"}, Refusal.SHAPE),
        ({"nonce": "Z" * 32}, Refusal.SHAPE),
        ({"target": "//evil"}, Refusal.SHAPE),
        ({"lang": "../x"}, Refusal.SHAPE),
        ({"iat": "x"}, Refusal.SHAPE),
        ({"iat": "-1"}, Refusal.SHAPE),
        ({"iat": "١٢"}, Refusal.SHAPE),
        ({"exp": "9" * 13}, Refusal.SHAPE),
    ],
    ids=str,
)
def test_wrong_words_are_refused_though_well_signed(
    changed: dict[str, str], refusal: Refusal
) -> None:
    assert read(form(words(**changed))) is refusal


@pytest.mark.parametrize(
    ("issued", "expires", "holds"),
    [
        (0, 60, True),
        (-65, -5, True),
        (5, 65, True),
        (-120, -60, False),
        (-72, -12, False),
        (30, 60, False),
        (0, 61, False),
        (0, 0, False),
        (60, 0, False),
    ],
    ids=[
        *("now", "a slow clock", "a quick clock", "old", "just expired"),
        *("from the future", "for long", "at once", "backwards"),
    ],
)
def test_a_hand_over_holds_for_a_minute(issued: int, expires: int, holds: bool) -> None:
    now = int(time.time())
    found = read(form(words(iat=str(now + issued), exp=str(now + expires))))
    assert isinstance(found, Visitor) if holds else found is Refusal.EXPIRED


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"token": "", "signature": ""}, Refusal.SHAPE),
        (form(words(), "f" * 64), Refusal.SIGNATURE),
        ({**form(), "signature": ""}, Refusal.SIGNATURE),
        ({**form(), "signature": "ñ" * 64}, Refusal.SIGNATURE),
        ({**form(), "signature": "\udcff"}, Refusal.SIGNATURE),
        ({**form(), "signature": form()["signature"].upper()}, Refusal.SIGNATURE),
        (signed(urlencode(words()) + "&admin=1"), Refusal.SHAPE),
        (signed(urlencode(words()) + "&more=1"), Refusal.SHAPE),
        (
            signed(urlencode({k: v for k, v in words().items() if k != "exp"})),
            Refusal.SHAPE,
        ),
        (signed(urlencode(words(groups="x" * 9000))), Refusal.SHAPE),
        (signed("a"), Refusal.SHAPE),
        (signed("a=%ff&b=%fe"), Refusal.SHAPE),
        (signed("&".join(f"a{n}=" for n in range(500))), Refusal.SHAPE),
    ],
    ids=[
        *("empty", "another key", "no signature", "not ASCII", "half a character"),
        *("capitals", "a word twice", "one too many", "one missing", "huge"),
        *("no query", "not UTF-8", "hundreds"),
    ],
)
def test_what_is_no_hand_over_is_refused(
    data: dict[str, str], refusal: Refusal
) -> None:
    assert read(data) is refusal


def test_without_a_pbx_no_source_is_right() -> None:
    assert read(form(words(source="")), source="") is Refusal.SOURCE


def test_strange_names_of_groups_are_left_out_and_not_too_many_are_read() -> None:
    names = ["a" * 65, "\x1b[1m", "", " b "] + [f"g{n}" for n in range(300)]
    found = read(form(words(groups="\n".join(names), privs="X;\noperator")))
    assert isinstance(found, Visitor)
    assert "b" in found.groups and "*privilege:operator" in found.groups
    assert len(found.groups) < handover.MAX_GROUPS + 1
    assert all(name.isprintable() and len(name) <= 64 for name in found.groups)
