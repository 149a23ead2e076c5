"""Queries on real servers: read, never written, in time, and failures in words."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from massivesms.domain import own_hosts
from massivesms.sources import reading
from massivesms.sources.found import Place, SourceFailed
from massivesms.sources.reading import Cells, Wanted

MakePlace = Callable[..., Place]
TEXT = "Hola <nombre>, vence <vence>: <monto>"
SLOW = {
    "mysql": "SELECT '600111222' AS celular, SLEEP(30) AS s",
    "postgresql": "SELECT '600111222' AS celular, pg_sleep(30) AS s",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n)"
    " SELECT x AS celular FROM n WHERE x < 0",
}
MANY = {
    "mysql": "SELECT 600000000 + seq AS celular FROM seq_1_to_1000000",
    "postgresql": "SELECT 600000000 + n AS celular FROM generate_series(1, 1000000) n",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n)"
    " SELECT 600000000 + x AS celular FROM n LIMIT 1000000",
}
#: (kind, query, what the session or the server says); all get past no check of ours.
WRITES = [
    ("mysql", "DELETE FROM cuotas", "READ ONLY transaction"),
    ("mysql", "SELECT * FROM cuotas INTO OUTFILE '{file}'", "Access denied"),
    ("mysql", "SELECT 1; COMMIT; DELETE FROM cuotas", "SQL syntax"),
    ("mysql", "DROP TABLE cuotas", "READ ONLY transaction"),
    ("mysql", "SELECT erase()", "READ ONLY transaction"),
    ("postgresql", "DELETE FROM cuotas", "syntax error"),
    (
        "postgresql", "WITH d AS (DELETE FROM cuotas RETURNING *) SELECT * FROM d",
        "must not contain data-modifying",
    ),
    ("postgresql", "SELECT erase()", "read-only transaction"),
    (
        "postgresql", "SELECT set_config('transaction_read_only', 'off', false)",
        "read-write mode",
    ),
    (  # to the server $ is part of a name, to us it begins a text
        "postgresql",
        "SELECT 1 AS a$b$; COMMIT; BEGIN READ WRITE; DELETE FROM cuotas;"
        " SELECT 1 AS c$b$", "multiple commands",
    ),
    ("sqlite", "DELETE FROM cuotas", "not authorized"),
    ("sqlite", "WITH x AS (SELECT 1) DELETE FROM cuotas", "not authorized"),
    ("sqlite", "VACUUM INTO '{file}'", "authorization denied"),
    ("sqlite", "SELECT load_extension('{file}')", "not authorized"),
]  # fmt: skip


def read(place: Place, wanted: Wanted | None = None) -> list[Cells]:
    with reading.opened(place) as found:
        return list(reading.rows(found, wanted or Wanted(TEXT), place.most_rows))


def refused(place: Place, *words: str, wanted: Wanted | None = None) -> SourceFailed:
    with pytest.raises(SourceFailed) as caught:
        read(place, wanted)
    for word in words:
        assert word in str(caught.value)
    return caught.value


def test_the_rows_of_a_day_come_with_their_values_as_text(
    server: dict[str, Any], place: MakePlace
) -> None:
    found = read(place(server), Wanted(TEXT, key_column="codigo"))
    assert [(row.number, row.key) for row in found] == [
        ("600111222", "1"), ("600111222", "2"), ("600111223", "3"),
    ]  # fmt: skip
    assert found[2].values["first_name"] == "Benjamín"
    assert found[1].values["vence"] == "2026-07-02"
    assert float(found[0].values["monto"]) == 1234.5


def test_a_percent_a_colon_and_quotes_mean_nothing(
    server: dict[str, Any], place: MakePlace
) -> None:
    query = (
        "SELECT celular, ':date; 100 %' AS nombre -- :date; %s\n"
        "FROM cuotas WHERE nombre LIKE 'A%' AND codigo = 1;"
    )
    (row,) = read(place(server, query=query), Wanted("<nombre>"))
    assert row.values == {"first_name": ":date; 100 %"}


@pytest.mark.parametrize(("kind", "query", "said"), WRITES)
def test_a_query_that_writes_changes_nothing(
    kind: str,
    query: str,
    said: str,
    request: pytest.FixtureRequest,
    place: MakePlace,
    tmp_path: Path,
) -> None:
    server = request.getfixturevalue(kind)
    file = tmp_path / "written"
    refused(place(server, query=query.format(file=file)), said, wanted=Wanted())
    assert len(read(place(server))) == 3 and not file.exists()


def test_a_slow_query_is_ended_in_time(
    server: dict[str, Any], place: MakePlace
) -> None:
    began = time.monotonic()
    error = refused(
        place(server, query=SLOW[server["kind"]], timeout_s=1),
        "1 seconds",
        wanted=Wanted(),
    )
    assert error.may_pass and time.monotonic() - began < 5


def test_more_rows_than_allowed_are_refused(
    server: dict[str, Any], place: MakePlace
) -> None:
    slow = place(server, query=MANY[server["kind"]])
    refused(slow, "more than 1000 rows", wanted=Wanted())


def test_wrong_sql_and_columns_are_said(
    server: dict[str, Any], place: MakePlace
) -> None:
    error = refused(place(server, query="SELECT * FROM deudas"), "deudas")
    assert not error.may_pass
    refused(place(server), "<monto>", wanted=Wanted("<montos>"))
    refused(place(server), "no column cel", wanted=Wanted(number_column="cel"))
    query = "SELECT monto, vence FROM cuotas"
    refused(place(server, query=query), "monto, vence", wanted=Wanted())


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_server_that_is_away_or_forbidden_or_refuses_is_said(
    kind: str, request: pytest.FixtureRequest, place: MakePlace
) -> None:
    given = request.getfixturevalue(kind)
    assert refused(place(given, port=1), "cannot be reached").may_pass
    refused(place(given, password="other"), "did not let us in")
    refused(place(given, own_hosts=own_hosts.read("")), "Own hosts")
    refused(place(given, host="nobody.invalid"), "no host nobody.invalid")


def test_sqlite_reads_no_other_file(sqlite: dict[str, Any], place: MakePlace) -> None:
    refused(place(sqlite, query="ATTACH '/etc/passwd' AS x"), "not authorized")
    refused(place(sqlite, place="/etc/passwd"), "is not below")
    refused(place(sqlite, place=sqlite["place"] + "x"), "cannot be read")


def test_a_service_without_such_a_source_does_not_load_its_library() -> None:
    code = "import sys, massivesms.engine.daemon; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
