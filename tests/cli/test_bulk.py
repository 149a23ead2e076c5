"""massivesms bulk: a file for several campaigns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_bulk_file_is_loaded_and_its_bad_rows_said(
    process: Run, run: Run, tmp_path: Path
) -> None:
    run("config", "set", "country_code", "34")
    file = tmp_path / "bulk.csv"
    file.write_text(";600111222;Hola;1;\nOtra;600111333;Hola;1;\n", encoding="utf-8")
    said = process("bulk", str(file)).done().out.splitlines()
    assert said[0] == "1 messages added, 0 duplicates, 1 refused."
    assert said[1] == "  line 2: 600111333: There is no campaign called Otra."
    run("bulk", str(file)).refused("This same file was loaded today", "--again")
    done = run("bulk", str(file), "--json", "--again").done().json
    assert (done["accepted"], done["refused"]) == (1, 1)
    file.write_text("Otra;600111333;Hola;1;\n", encoding="utf-8")
    run("bulk", str(file)).refused("None of its 1 rows can be used", "Otra")


def test_what_was_repaired_in_a_bulk_file_is_said(
    run: Run, spain: None, tmp_path: Path
) -> None:
    file = tmp_path / "bulk.csv"
    file.write_text(";600111222.0;Hola;1\n;600111333;Hola;1\n", encoding="utf-8")
    said = run("bulk", file).done().out.splitlines()
    assert said[0].startswith("2 messages added") and "600111222.0" in said[1]
    notes = run("bulk", file, "--json", "--again").done().json["notes"]
    assert len(notes) == 1 and "600111222.0" in notes[0]


#: What a cell could do to a terminal, and what is shown of it.
EVIL = {
    "\x1b[2J": "\\x1b[2J",  # wipes it
    "\x9b2J": "\\x9b2J",
    "\u202e6": "\\u202e6",  # turns the direction
}


@pytest.mark.parametrize("evil", EVIL)
def test_a_cell_of_a_stranger_does_nothing_to_the_terminal(
    evil: str, run: Run, spain: None, tmp_path: Path
) -> None:
    bulk = tmp_path / "bulk.csv"
    row = f";6{evil};Hola;1\n{evil};600111222;Hola;1\n"
    bulk.write_text(f"{row};600111333;Hola;1\n", encoding="utf-8")
    said = run("bulk", bulk).done().out
    assert said.count(EVIL[evil]) == 2 and evil not in said
    bulk.write_text(row, encoding="utf-8")
    run("bulk", bulk).refused("None of its")

    numbers = tmp_path / "numbers.csv"
    numbers.write_text(f"numero\n600111222\n6{evil}\n", encoding="utf-8")
    for words in (("list", "create", "A"), ("blocked", "import")):
        said = run(*words, "--csv", numbers).done().out
        assert EVIL[evil] in said and evil not in said
    numbers.write_text(f"numero\n6{evil}\n", encoding="utf-8")
    for words in (("list", "create", "B"), ("bulk",)):
        more = ("--csv", numbers) if words[0] == "list" else (bulk,)
        said = run(*words, *more).refused("None of its").err
        assert evil not in said
