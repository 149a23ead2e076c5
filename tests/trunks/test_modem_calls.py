"""Which rings are one call, and who is noted for it."""

from __future__ import annotations

from massivesms.trunks.modem.calls import GAP_S, UNTOLD_S, Calls
from massivesms.trunks.modem.events import Rings
from massivesms.trunks.modem.unasked import read

ANA, BEA = "+34600111222", "+34600333444"


def test_many_rings_are_one_call() -> None:
    calls = Calls()
    noted = []
    for second in range(0, 40, 5):
        noted += calls.ring(None, second)
        noted += calls.ring(ANA, second + 0.1)
    assert noted == [ANA]
    assert calls.due_s is None


def test_after_a_pause_it_is_another_call() -> None:
    calls = Calls()
    assert calls.ring(ANA, 0) == [ANA]
    assert calls.ring(ANA, GAP_S + 0.1) == [ANA]


def test_another_number_is_another_call() -> None:
    calls = Calls()
    assert calls.ring(ANA, 0) == [ANA]
    assert calls.ring(None, 3) == []
    assert calls.ring(BEA, 3.1) == [BEA]


def test_a_number_that_does_not_come_is_waited_for_a_moment() -> None:
    calls = Calls()
    assert calls.ring(None, 0) == []
    assert calls.due_s == UNTOLD_S
    assert calls.check(UNTOLD_S - 0.1) == []
    assert calls.check(UNTOLD_S) == [""]
    assert calls.ring(None, 6) == []


def test_a_hidden_number_is_noted_at_once() -> None:
    assert Calls().ring("", 0) == [""]


def test_a_caller_who_hangs_up_at_once_is_noted() -> None:
    calls = Calls()
    calls.ring(None, 0)
    assert calls.over() == [""]
    assert calls.over() == []


def test_an_international_number_gets_its_plus() -> None:
    assert read('+CLIP: "34600111222",145,,,,0') == Rings(ANA)
    assert read('+CLIP: "600111222",129,,,,0') == Rings("600111222")
    assert read('+CLIP: "",128,,,,2') == Rings("")
    assert read("RING") == Rings(None)
