"""The import commands, and a list written as a file."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_imports_are_listed_and_what_one_brought_is_deleted(
    process: Run, run: Run, numbers_csv: Path
) -> None:
    run("list", "create", "Customers", "--csv", numbers_csv).done()
    (load,) = process("import", "list", "--json").done().json
    assert (load["list"], load["accepted"], load["undone"]) == ("Customers", 3, None)
    assert "Customers" in run("import", "list").done().out
    refused = run("import", "undo", str(load["id"]))
    refused.refused("3 of import", "--yes")
    assert run("list", "show", "Customers", "--json").json["included"] == 3
    done = run("import", "undo", str(load["id"]), "--yes").done()
    assert "3 numbers deleted" in done.out
    assert run("list", "show", "Customers", "--json").json["included"] == 0
    run("import", "undo", "99999999", "--yes").refused("no import 99999999")


def test_a_list_is_written_as_a_file(
    run: Run, numbers_csv: Path, tmp_path: Path
) -> None:
    run("list", "create", "Customers", "--csv", numbers_csv).done()
    shown = run("list", "export", "Customers").done().out
    assert "Number" in shown and "+34600111222" in shown
    book = tmp_path / "customers.xlsx"
    run("list", "export", "Customers", "--format", "xlsx", "--output", book).done()
    assert book.read_bytes().startswith(b"PK")
    run("list", "export", "Nobody").refused("no list called Nobody")
