"""Templates and places as a person uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journey.conftest import MakePerson
from tests.journey.stack import Stack

WriteCsv = Callable[[str, str], Path]
ROWS = "Nombre;Teléfono;Saldo pendiente\nAna;644000001;12,50\nLuis;644000002;\n"


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_each_person_gets_the_text_of_a_template_with_their_values(
    administrator: MakePerson, stack: Stack, csv: WriteCsv, on_phone: bool
) -> None:
    name = f"Deuda {on_phone}"
    stack.command("config", "set", "signature", "Acme")
    stack.command("config", "set", "refused_words", "BCP")
    stack.command("template", "add", name, "--message", "Hola <nombre>: debe ")
    person = administrator(on_phone=on_phone)
    person.open("/campaigns/new")
    page = person.page
    person.fill("Name", name)
    rows = ROWS + "\n" * on_phone  # not the same file twice on a day
    person.upload("CSV file or workbook", csv("deudas.csv", rows))
    person.choose("Template", name)
    field = person.field("Message")
    expect(field).to_have_value("Hola <nombre>: debe ")
    page.get_by_role("button", name="<Saldo pendiente>").click()
    expect(field).to_have_value("Hola <nombre>: debe <Saldo pendiente>")
    # What stands there, a line's end and the signature.
    counted = page.locator("[data-count='characters']").first
    expect(counted).to_have_text(str(len("Hola <nombre>: debe <Saldo pendiente>") + 5))
    warning = page.locator("[data-refused-in=text]")
    expect(warning).to_be_hidden()
    field.press_sequentially(" al b.c.p, bcp")
    expect(warning).to_contain_text("BCP")
    person.look()
    page.get_by_text("Save this text as a template").click()
    person.fill("Name of the template", f"{name} BCP")
    if on_phone:
        person.press("Save the template")
    else:
        person.field("Name of the template").press("Enter")
    person.sees("The template %(name)s is saved.", name=f"{name} BCP")
    person.look()
    person.press("Create the campaign")
    person.sees("A value is missing")
    person.look()
    wanted = "Hola Ana: debe 12,50 al b.c.p, bcp\nAcme"
    assert wanted in stack.command("campaign", "messages", name, "--json").replace(
        "\\n", "\n"
    )
    stack.command("config", "set", "signature", "")
    stack.command("config", "set", "refused_words", "")


def test_a_text_that_is_emptied_after_its_template_stays_empty(
    administrator: MakePerson, stack: Stack, csv: WriteCsv
) -> None:
    stack.command("template", "add", "Saludo", "--message", "Hola a todos")
    person = administrator()
    person.open("/campaigns/new")
    person.fill("Name", "Propios")
    rows = "telefono;mensaje\n644000011;Para Ana\n644000012;Para Luis\n"
    person.upload("CSV file or workbook", csv("propios.csv", rows))
    person.choose("Template", "Saludo")
    expect(person.field("Message")).to_have_value("Hola a todos")
    expect(person.field("Template")).to_have_value("0")  # to be chosen again
    person.fill("Message", "")
    person.press("Create the campaign")
    person.sees_title("Propios")
    shown = json.loads(stack.command("campaign", "show", "Propios", "--json"))
    assert (shown["message"], shown["total"]) == ("", 2)


def test_templates_are_written_and_found_again(administrator: MakePerson) -> None:
    person = administrator()
    person.open("/templates/new")
    person.fill("Name", "Cita médica")
    person.fill("Message", "Hola ")
    person.page.get_by_role("button", name="<First name>").click()
    expect(person.field("Message")).to_have_value("Hola <First name>")
    person.look()
    person.press("Save the template")
    person.sees_title("Templates")
    person.fill("Search", "MEDICA")
    person.press("Search")
    assert "Cita médica" in person.table()[0]
    person.look()
