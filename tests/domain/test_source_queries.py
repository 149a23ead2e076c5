"""Queries of sources: what is refused by its words, and where the day goes."""

from __future__ import annotations

import pytest

from massivesms.domain.source_queries import MOST_QUERY, bound, check, has_date

ALL = ("mysql", "postgresql", "sqlite")
GOOD = {
    "a semicolon at the end": ("SELECT 1 ; \n", ALL),
    "a semicolon in a text": ("SELECT 'a;b', \"a;b\"", ALL),
    "a semicolon in a comment": ("SELECT 1 -- a;b\n/* ; */", ALL),
    "a comment first": ("-- due\n/* today */ SELECT 1", ALL),
    "in brackets": ("(SELECT 1) UNION (SELECT 2)", ALL),
    "WITH": ("with x as (select 1) select * from x", ALL),
    "VALUES and TABLE": ("VALUES (1)", ALL),
    "a quote in a text": ("SELECT 'it''s; so'", ALL),
    "a backslash": (r"SELECT 'it\'s; so'", ("mysql",)),
    "a comment with #": ("SELECT 1 # a;b", ("mysql",)),
    "a name in backticks": ("SELECT `a;b`", ("mysql", "sqlite")),
    "a name in brackets": ("SELECT [a;b]", ("sqlite",)),
    "a text in dollars": ("SELECT $$a;b$$, $x$a;$$;b$x$", ("postgresql",)),
    "INTO in a text": ("SELECT 'into outfile'", ALL),
}
BAD = {
    "nothing": (" \n", "query_missing", ALL),
    "only a comment": ("-- SELECT 1", "query_writes", ALL),
    "too long": ("SELECT '" + "x" * MOST_QUERY + "'", "query_long", ALL),
    "DELETE": ("DELETE FROM due", "query_writes", ALL),
    "CALL": ("CALL clean()", "query_writes", ALL),
    "SET": ("SET SESSION TRANSACTION READ WRITE", "query_writes", ALL),
    "EXPLAIN ANALYZE": ("EXPLAIN ANALYZE DELETE FROM due", "query_writes", ALL),
    "a word that begins so": ("SELECTED", "query_writes", ALL),
    "INTO OUTFILE": ("SELECT 1 INTO  OUTFILE '/tmp/x'", "query_writes", ALL),
    "INTO DUMPFILE": ("SELECT 1\ninto\ndumpfile '/tmp/x'", "query_writes", ALL),
    "INTO a variable": ("SELECT 1 INTO @x", "query_writes", ALL),
    "INTO behind a comment": ("SELECT 1 INTO/**/OUTFILE '/x'", "query_writes", ALL),
    "a comment that is run": ("SELECT 1 /*!50000 INTO @x */", "query_writes", ALL),
    "one of MariaDB": ("SELECT 1 /*M!100100 INTO @x */", "query_writes", ALL),
    "two queries": ("SELECT 1; SELECT 2", "query_several", ALL),
    "one that writes second": ("SELECT 1; DELETE FROM due", "query_several", ALL),
    "a text that has ended": ("SELECT 'a'';'; DELETE FROM due", "query_several", ALL),
    "a backslash is no escape": (
        r"SELECT '\'; DELETE FROM due --'", "query_several", ("postgresql", "sqlite"),
    ),
    "# is no comment": ("SELECT 1 # 2; SELECT 3", "query_several", ("postgresql",)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "kind"),
    [pytest.param(q, k, id=f"{n}, {k}") for n, (q, ks) in GOOD.items() for k in ks],
)
def test_a_query_that_reads_is_taken(query: str, kind: str) -> None:
    assert check(query, kind) is None


@pytest.mark.parametrize(
    ("query", "code", "kind"),
    [
        pytest.param(q, c, k, id=f"{n}, {k}")
        for n, (q, c, ks) in BAD.items()
        for k in ks
    ],
)
def test_a_query_that_does_more_is_refused(query: str, code: str, kind: str) -> None:
    problem = check(query, kind)
    assert problem is not None and problem.code == code
    assert str(problem)


DAYS = [
    ("SELECT 1 WHERE d = :date", "SELECT 1 WHERE d = %(date)s", "mysql"),
    ("SELECT 1 WHERE d = :DATE;", "SELECT 1 WHERE d = %(date)s", "postgresql"),
    ("SELECT 1 WHERE d = :date", "SELECT 1 WHERE d = :date", "sqlite"),
    ("SELECT x::date, ':date' -- :date", "SELECT x::date, ':date' -- :date", ""),
    ("SELECT a:date, :dated", "SELECT a:date, :dated", ""),
]


@pytest.mark.parametrize(("query", "told", "kind"), DAYS)
def test_the_day_stands_where_it_is_asked_for(query: str, told: str, kind: str) -> None:
    assert bound(query, kind or "postgresql") == told
    assert has_date(query, kind or "postgresql") is bool(kind)


def test_a_percent_is_written_twice_for_drivers_that_want_it() -> None:
    query = "SELECT 1 WHERE n LIKE '5%' AND d % 2 = 0 -- 100 %"
    assert bound(query, "mysql") == query.replace("%", "%%")
    assert bound(query, "sqlite") == query
