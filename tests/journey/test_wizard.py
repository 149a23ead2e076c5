"""A person takes a company's file through the import wizard, and looks at each step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journey.conftest import MakePerson

MANY = 12_000  # enough to be counted in the background
HEAD = "Cliente;Teléfono móvil;Correo electrónico;Saldo pendiente (€)\n"


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_a_file_becomes_a_list_step_by_step(
    administrator: MakePerson, csv: Callable[[str, str], Path], *, on_phone: bool
) -> None:
    person = administrator(on_phone=on_phone)
    name = "Deudores en el móvil" if on_phone else "Deudores"
    lines = [f"Ana {n};6{11000000 + n};a{n}@example.org;{n},50" for n in range(MANY)]
    lines[15] = "Luis;no tiene;;1"
    person.open("/lists/")
    person.follow("Load a file")
    person.look()
    person.upload("File", csv("deudores.csv", HEAD + "\n".join(lines)))
    person.press("Next")
    person.sees_title("What is each column?")
    person.look()
    person.page.reload()
    person.choose("Correo electrónico", person.say("Leave out"))
    person.press("Next")
    person.look()
    person.fill("Name of the list", name)
    person.press("Next")
    person.sees_title("Before it is loaded")
    person.button("Load %(num)s numbers", num=MANY - 1).wait_for()
    person.look()
    person.press("Load %(num)s numbers", num=MANY - 1)
    person.page.get_by_role("link", name=person.say("Open the list")).wait_for()
    person.look()
    person.follow("Open the list")
    person.sees_own(name)
