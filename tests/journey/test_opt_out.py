"""Somebody writes BAJA: confirmed once, left out of what follows, back by ALTA."""

from __future__ import annotations

import pytest

from tests.engine.world import wait_until
from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

OURS = "5000"


@pytest.mark.parametrize(
    ("language", "on_phone"),
    [("en", False), ("es", True)],
    ids=["English", "Spanish on a phone"],
)
def test_who_asks_to_be_left_out_gets_nothing_until_back(
    administrator: MakePerson, stack: Stack, language: str, on_phone: bool
) -> None:
    person = administrator(language, on_phone=on_phone)
    start = f"65880{int(on_phone)}"
    out, other = f"{start}001", f"{start}002"
    stack.smsc.deliver(f"34{out}", OURS, "¡Baja, por favor!", data_coding=8)
    wait_until(lambda: len(_got(stack, out)) == 1, 15)
    assert "responda ALTA" in _got(stack, out)[0]

    person.open("/incoming/")
    (row,) = [row for row in person.table() if out in row]
    assert person.say("Opted out") in row
    person.go_to("Lists")
    person.follow("Blocked numbers")
    (row,) = [row for row in person.table() if out in row]
    assert person.say("Opt-out of its owner") in row
    person.look()

    first = _campaign(stack, f"Oferta {start}", out, other)
    person.open("/campaigns/")
    person.follow_own(first)
    person.sees_state("Finished")
    shown = stack.ask("campaign", "show", first)["counts"]
    assert shown["skipped"] == 1
    assert (_got(stack, other), len(_got(stack, out))) == ([first], 1)

    person.follow_own(f"+34{out}")
    person.sees("Its owner has opted out: nothing is sent to it.")
    person.look()
    stack.smsc.deliver(f"34{out}", OURS, "Baja", data_coding=8)
    wait_until(lambda: _written(stack, out) == 2, 15)  # two connections have no order
    stack.smsc.deliver(f"34{out}", OURS, "alta", data_coding=8)
    wait_until(lambda: len(_got(stack, out)) == 2, 15)
    assert "BAJA" in _got(stack, out)[1]
    second = _campaign(stack, f"Otra {start}", out, other)
    wait_until(lambda: _got(stack, out)[2:] == [second], 15)
    person.open("/configuration/log/?action=blocked.opt_in")
    person.look()
    assert person.table()


def _campaign(stack: Stack, name: str, *numbers: str) -> str:
    file = stack.scripts.parent / f"{name}.csv"
    file.write_text("\n".join(numbers))
    how = ("--message", name, "--csv", str(file), "--run", "--again")
    stack.command("campaign", "create", name, *how)
    return name


def _got(stack: Stack, number: str) -> list[str]:
    """The texts that the operator had for a number, the oldest first."""
    return [one.text for one in stack.smsc.messages() if one.number == f"34{number}"]


def _written(stack: Stack, number: str) -> int:
    """How many messages of a number have come in."""
    return len(stack.command("inbound", "--number", number, "--json").splitlines())
