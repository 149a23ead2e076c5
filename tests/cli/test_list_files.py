"""Files of the list commands: workbooks, sheets, the same again, and bad ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Run


def bad_file(folder: Path, kind: str) -> Path:
    file = folder / f"bad-{kind}.csv"
    if kind == "empty":
        file.touch()
    elif kind == "blank":
        file.write_text("\n\n \n")
    elif kind == "binary":
        file.write_bytes(bytes(range(256)) * 40)
    elif kind == "xlsx":
        with zipfile.ZipFile(file, "w") as book:
            book.writestr("[Content_Types].xml", "<Types/>")
            book.writestr("xl/workbook.xml", "<workbook/>")
    elif kind == "directory":
        file.mkdir()
    elif kind == "large":
        with file.open("wb") as big:
            big.write(b"600111222\n")
            big.truncate(51 * 1024 * 1024)
    elif kind == "none valid":
        file.write_text("910111222\n911222333\n")
    return file


FILES = {
    "empty": "empty",
    "blank": "",
    "binary": "text",
    "xlsx": "CSV",
    "directory": "cannot be read: Is a directory",
    "large": "50",
    "missing": "cannot be read: No such file",
    "none valid": "None of its 2 numbers can be used. Line 1:",
}


@pytest.mark.parametrize(("kind", "said"), FILES.items(), ids=FILES)
@pytest.mark.parametrize("noun", ["list", "campaign"])
def test_a_bad_file_is_refused_whole_and_leaves_nothing(
    run: Run, tmp_path: Path, spain: None, noun: str, kind: str, said: str
) -> None:
    more = ["--message", "Hola"] if noun == "campaign" else []
    file = bad_file(tmp_path, kind)
    run(noun, "create", "Bad", "--csv", file, *more).refused(said)
    run(noun, "show", "Bad").refused("called Bad")


def test_a_workbook_is_loaded_and_what_it_hides_is_said(
    run: Run, spain: None, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Nombre", "Teléfono"], ["Ana", 600111222], ["Eva", "600 111 223"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("Otra")
    book.save(tmp_path / "clients.xlsx")
    made = run("list", "create", "Book", "--csv", tmp_path / "clients.xlsx").done()
    assert "2 numbers, 0 duplicates, 0 refused" in made.out
    assert "Hidden rows of the sheet were read too: 1." in made.out
    assert "the workbook has others: Otra." in made.out
    assert run("list", "show", "Book", "--json").json["included"] == 2


def test_a_sheet_of_a_workbook_is_chosen_by_its_name(
    run: Run, spain: None, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name, number in (("Enero", 600111222), ("Febrero", 600111333)):
        sheet = book.create_sheet(name)
        for row in (["Teléfono", "Mes"], [number, name]):
            sheet.append(row)
    book["Febrero"].sheet_state = "hidden"
    file = tmp_path / "months.xlsx"
    book.save(file)
    made = ("list", "create", "Months", "--csv", file, "--sheet")
    run(*made, "Marzo").refused("no sheet called Marzo", "Sheet, Enero, Febrero")
    run(*made, "Sheet").refused("has a phone number")
    assert "1 numbers, 0 dup" in run(*made, " febrero").done().out
    found = run("list", "show", "Months", "--json").json["numbers"]
    assert found[0]["number"] == "+34600111333"
    assert found[0]["fields"] == {"mes": "Febrero"}
    add = ("list", "import", "Months", "--again", "--csv", file, "--sheet", "Enero")
    assert "1 numbers" in run(*add).done().out
    send = ("campaign", "create", "C", "--again", "--csv", file, "--message", "<mes>")
    run(*send, "--sheet", "Enero").done()
    told = run("campaign", "messages", "C", "--json").json_lines
    assert [(one["number"], one["text"]) for one in told] == [("+34600111222", "Enero")]


def test_a_text_file_has_no_sheets(run: Run, numbers_csv: Path) -> None:
    made = ("list", "create", "L", "--csv", numbers_csv, "--sheet", "Enero")
    run(*made).refused("Only workbooks have sheets")


def test_the_same_file_on_the_same_day_is_loaded_only_when_meant_so(
    run: Run, numbers_csv: Path
) -> None:
    run("list", "create", "Uno", "--csv", numbers_csv).done()
    asked = ("This same file was loaded today", "into Uno by", "add --again")
    run("list", "create", "Dos", "--csv", numbers_csv).refused(*asked)
    run("list", "import", "Uno", "--csv", numbers_csv).refused(*asked)
    send = ("campaign", "create", "C", "--message", "Hola", "--csv", numbers_csv)
    run(*send).refused(*asked)
    assert [row["name"] for row in run("list", "list", "--json").json] == ["Uno"]
    run("list", "create", "Dos", "--csv", numbers_csv, "--again").done()
    run(*send, "--again").done()
