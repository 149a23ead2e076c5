"""The first line of a script: ret_code;message;stop_trunk;stop_message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.trunks.script.answer import (
    Answer,
    entities,
    first_line,
    read_answer,
)


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (b"0;OK;0;0\n", Answer(0, "OK", False, False)),
        (b"0", Answer(0, "", False, False)),
        (b" 0 ;OK\r\n", Answer(0, "OK", False, False)),
        (b"1;no credit;1;0", Answer(1, "no credit", True, False)),
        (b"1;bad number;0;1", Answer(1, "bad number", False, True)),
        (b"-5;bad;;1", Answer(-5, "bad", False, True)),
        (b"1;a;b;c;1;0", Answer(1, "a;b;c", True, False)),
        (b"1;a;b", Answer(1, "a;b", False, False)),
        (b"1;a;2;0", Answer(1, "a;2;0", False, False)),
        (b"0;first\n1;second;1;1", Answer(0, "first", False, False)),
        ("0;enviado a José;0;0".encode(), Answer(0, "enviado a José", False, False)),
        (b"0;\xff\x1b[31m;0;0", Answer(0, "�[31m", False, False)),
        (b"1;" + b"x" * 999, Answer(1, "x" * 255, False, False)),
    ],
)
def test_an_answer_is_read(output: bytes, answer: Answer) -> None:
    assert read_answer(output) == answer


@pytest.mark.parametrize("output", [b"", b"\n0;OK", b"OK;0;0;0", b"<html>", b"0x1;a"])
def test_rubbish_is_no_answer(output: bytes) -> None:
    assert read_answer(output) is None


@given(st.binary(max_size=200))
def test_nothing_that_a_script_prints_raises(output: bytes) -> None:
    read_answer(output)
    assert first_line(output).isprintable() or not first_line(output)


def test_entities_are_those_of_the_original_module() -> None:
    assert entities("Año Ж🎉 &") == "A&#241;o &#1046;&#127881; &"
