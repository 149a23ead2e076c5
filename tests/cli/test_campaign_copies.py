"""massivesms campaign copy: edit as new."""

from __future__ import annotations

from pathlib import Path

from massivesms.store.db import Database
from tests.cli.conftest import Run


def test_a_campaign_is_copied_to_its_list_or_its_numbers(
    process: Run, run: Run, db: Database, tmp_path: Path
) -> None:
    run("config", "set", "country_code", "34")
    file = tmp_path / "n.csv"
    file.write_text("600111222\n600111333\n", encoding="utf-8")
    run("campaign", "create", "Uno", "--message", "Hola", "--csv", str(file)).done()
    process("campaign", "copy", "Uno", "Dos").done()
    two = run("campaign", "show", "Dos", "--json").done().json
    assert (two["total"], two["state"], two["message"]) == (2, "paused", "Hola")
    run("campaign", "copy", "Uno", "Tres", "--to", "undelivered").refused("no such")
    run("campaign", "copy", "Uno", "Tres", "--to", "list").misused("no list")
    run("campaign", "copy", "Cola de salida", "Tres").refused("output queue")
    run("list", "create", "Gente", "--csv", str(file), "--again").done()
    run("campaign", "create", "L", "--message", "Hola", "--list", "Gente").done()
    run("list", "add", "Gente", "600111444").done()
    run("campaign", "copy", "L", "L2", "--message", "Otra").done()
    copied = run("campaign", "show", "L2", "--json").done().json
    assert (copied["total"], copied["message"]) == (3, "Otra")


def test_a_copy_is_permanent_as_the_other_one_or_as_it_is_said(
    run: Run, tmp_path: Path
) -> None:
    run("config", "set", "country_code", "34")
    file = tmp_path / "n.csv"
    file.write_text("600111222\n", encoding="utf-8")
    run("list", "create", "Gente", "--csv", file).done()
    made = ("campaign", "create", "A", "--message", "Hola", "--list", "Gente")
    run(*made, "--permanent").done()

    def copied(name: str, new: str, *how: str) -> bool:
        run("campaign", "copy", name, new, *how).done()
        shown = run("campaign", "show", new, "--json").done().json
        return bool(shown["permanent"])

    assert copied("A", "B")
    assert not copied("A", "C", "--not-permanent")
    assert not copied("C", "D", "--to", "list")
    assert copied("C", "E", "--permanent")
    assert not copied("A", "F", "--to", "all")
    wrong = ("campaign", "copy", "A", "G", "--to", "all", "--permanent")
    run(*wrong).misused("is for a campaign to a list")
