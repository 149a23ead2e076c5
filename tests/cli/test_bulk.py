"""massivesms bulk: a file for several campaigns."""

from __future__ import annotations

from pathlib import Path

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
