"""massivesms template add, list, show, remove; and a campaign with one."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_template_is_added_listed_shown_and_removed(process: Run, run: Run) -> None:
    said = process("template", "add", "Cita", "--message", "Hola <nombre>").done()
    assert said.out == "Template Cita saved.\n"
    [row] = run("template", "list", "--json").done().json_lines
    assert (row["name"], row["places"]) == ("Cita", ["first_name"])
    assert "Cita" in run("template", "list").done().out
    assert run("template", "show", "Cita").done().out == "Hola <nombre>\n"
    run("template", "add", "cita", "--message", "x").refused("already a template")
    run("template", "add", "Otra", "--message", " ").refused("is empty")
    run("template", "remove", "Cita").done()
    run("template", "show", "Cita").refused("no template called Cita")


def test_a_campaign_takes_the_text_of_a_template(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "n.csv"
    file.write_text("tel;nombre\n+34600111222;Ana\n+34600111223;\n")
    create = ("campaign", "create", "C", "--template", "Cita", "--csv", file)
    run(*create).refused("no template called Cita")
    run("template", "add", "Cita", "--message", "Hola <nombre>").done()
    run("config", "set", "signature", "Acme").done()
    assert "1 refused" in run(*create).done().out
    [sent] = run("campaign", "messages", "C", "--json").done().json_lines
    assert sent["text"] == "Hola Ana\nAcme"
    run(*create, "--message", "x").misused()


def test_an_unknown_place_is_refused_with_the_nearest(
    run: Run, numbers_csv: Path
) -> None:
    run(
        *("campaign", "create", "C", "--message", "<numbre>", "--csv", numbers_csv)
    ).refused("Do you mean <number>?")
