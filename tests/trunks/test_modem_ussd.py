"""The balance by USSD: how codes are written, and how answers are read."""

from __future__ import annotations

import pytest

from massivesms.trunks.base import BalanceCame
from massivesms.trunks.modem import ussd
from massivesms.trunks.modem.events import CME, ERROR, OK, Answered, Ask, Final, Ussd
from massivesms.trunks.modem.ussd import Asking
from tests.fakes.modem.ussd import written


def test_a_huawei_wants_packed_septets() -> None:
    assert ussd.written("*100#", "huawei E173")[0] == "AA180C3602"
    assert ussd.written("*100#", "SIMCOM")[0] == "*100#"


@pytest.mark.parametrize("way", ["plain", "packed", "ucs2"])
@pytest.mark.parametrize(
    "text",
    [
        "Su saldo es 12,50 Bs. Vence el 31/12/2026",
        "Saldo: 5",
        "Your balance is 3.20 EUR",
        "Credit 0",
    ],
)
def test_an_answer_is_read_however_it_is_written(text: str, way: str) -> None:
    assert ussd.read(written(text, way)) == text


@pytest.mark.parametrize(
    ("came", "read"),
    [
        pytest.param("1234", "1234", id="digits that are no hex"),
        pytest.param("12345678", "12345678", id="digits that could be hex"),
        pytest.param("ABBA", "ABBA", id="a word of hex letters"),
        pytest.param("Saldo:\r\n 5\x00", "Saldo: 5", id="lines and noise"),
        pytest.param("", "", id="nothing"),
        pytest.param(
            "0411043004300B043004 3D0441",
            "0411043004300B043004 3D0441",
            id="broken hex",
        ),
        pytest.param(
            "\u0411\u0430\u043b\u0430\u043d\u0441: 10.50".encode("utf-16-be").hex(),
            "\u0411\u0430\u043b\u0430\u043d\u0441: 10.50",
            id="Cyrillic",
        ),
    ],
)
def test_what_is_not_hex_stays_as_it_is(came: str, read: str) -> None:
    assert ussd.read(came) == read


def answered(ask: Ask | None, final: Final) -> Answered:
    assert ask is not None
    return Answered(ask, (), final)


def test_the_next_way_is_tried_when_the_modem_refuses_one() -> None:
    asking = Asking("*133#")
    asking.ask(5)
    for wanted in ('"*133#"', '"AA', '"002A'):
        ask = asking.next("ZTE", 0)
        assert ask is not None
        assert wanted in ask.line
        done = asking.answered(answered(ask, Final(CME, 100)), 0)
    assert done == [BalanceCame(5, "", "ussd_refused", "+CME ERROR: 100")]
    assert asking.next("ZTE", 0) is None


def test_an_answer_that_comes_before_the_ok_counts() -> None:
    asking = Asking("*133#")
    asking.ask(5)
    ask = asking.next("ZTE", 0)
    assert asking.came(Ussd(0, "Saldo: 5", 15)) == [BalanceCame(5, "Saldo: 5")]
    assert asking.answered(answered(ask, Final(OK)), 1) == []
    assert asking.due_s is None


def test_without_an_answer_it_is_closed_and_the_next_is_asked() -> None:
    asking = Asking("*133#")
    asking.ask(5)
    asking.ask(6)
    asking.answered(answered(asking.next("ZTE", 0), Final(OK)), 1)
    assert asking.holds_until_s == ussd.HOLD_S
    assert asking.next("ZTE", 2) is None
    assert asking.check(1 + ussd.ANSWER_S) == [BalanceCame(5, "", "ussd_none")]
    assert asking.holds_until_s == 0
    assert asking.next("ZTE", 32) == Ask(ussd.CLOSE)
    following = asking.next("ZTE", 32)
    assert following is not None
    assert "*133#" in following.line


@pytest.mark.parametrize(
    ("status", "code"),
    [(0, "ussd_empty"), (2, "ussd_empty"), (4, "ussd_unsupported"), (5, "ussd_none")],
)
def test_an_end_without_words_has_ours(status: int, code: str) -> None:
    asking = Asking("*133#")
    asking.ask(5)
    asking.next("ZTE", 0)
    assert asking.came(Ussd(status, "", None)) == [BalanceCame(5, "", code)]


def test_a_menu_is_an_answer_and_is_closed() -> None:
    asking = Asking("*133#")
    asking.ask(5)
    ask = asking.next("ZTE", 0)
    assert asking.came(Ussd(1, "1 Saldo 2 Bonos", 15))[0].answer == "1 Saldo 2 Bonos"
    asking.answered(answered(ask, Final(OK)), 0)
    assert asking.next("ZTE", 0) == Ask(ussd.CLOSE)


def test_what_nobody_asked_for_is_left() -> None:
    assert Asking("*133#").came(Ussd(0, "Publicidad", 15)) == []


def test_without_a_code_nothing_is_asked() -> None:
    assert Asking("").ask(5) == [BalanceCame(5, "", "ussd_no_code")]


def test_when_the_modem_goes_every_question_has_its_end() -> None:
    asking = Asking("*133#")
    asking.ask(5)
    asking.ask(6)
    ask = asking.next("ZTE", 0)
    assert [one.code for one in asking.end()] == ["ussd_gone", "ussd_gone"]
    assert asking.answered(answered(ask, Final(ERROR)), 0) == []
