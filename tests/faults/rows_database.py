"""The database is restarted, killed, frozen, read-only, full, or full of errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pymysql

from tests.engine.world import wait_until
from tests.faults.processes import Operator
from tests.faults.run import WINDOW, Run, Scenario

RUN_S = 60.0
RESUMED_S = 30.0
FULL_S, REDUCED_S = 4.0, 1.5  # of a campaign without the fault
LOCK_WAIT_S = 1


def campaign_s(run: Run) -> float:
    """How long a campaign takes without the fault."""
    return FULL_S if run.full else REDUCED_S


def begin(run: Run, *arguments: str) -> Operator:
    """A paced campaign, in the midst of which the fault happens."""
    smsc = run.operator(answer_delay_s=[0.0, 0.02])
    run.trunk(smsc, rate_per_s=run.size / campaign_s(run))
    run.load()
    run.service(*arguments)
    smsc.wait_for(run.draw("fault after", run.size // 20, run.size // 2), RUN_S)
    return smsc


def resume(run: Run, smsc: Operator, before: int | None = None) -> None:
    """The fault is over: sending goes on in time, and the campaign ends."""
    began_s = time.monotonic()
    before = smsc.arrived() if before is None else before
    wait_until(lambda: smsc.arrived() > before or run.left() == 0, RESUMED_S)
    run.noticed_s.append(time.monotonic() - began_s)
    run.finish(RUN_S)


def killed(run: Run) -> None:
    """SIGKILL; it is not there for a while: at most what was claimed goes out."""
    smsc = begin(run)
    run.place.server.kill()
    before = smsc.arrived()
    time.sleep(run.draw("away", 0.0, 3.0 if run.full else 1.0))
    went = smsc.arrived() - before
    run.place.server.start()
    assert went <= WINDOW, f"{went} segments went out without a database"
    resume(run, smsc)


def restarted(run: Run) -> None:
    """An orderly restart, once or several times."""
    smsc = begin(run)
    for _ in range(run.draw("times", 1, 3 if run.full else 2)):
        run.place.server.restart()
    resume(run, smsc)


def frozen(run: Run) -> None:
    """Connections stay open and nobody answers; nothing may be asked meanwhile."""
    smsc = begin(run)
    run.place.server.freeze()
    before = smsc.arrived()
    time.sleep(60.0 if run.full else run.draw("frozen", 1.0, 2.5))
    went = smsc.arrived() - before
    run.place.server.thaw()
    assert went <= WINDOW, f"{went} segments went out without a database"
    resume(run, smsc)


def read_only(run: Run) -> None:
    """1290: the server takes no writes of users without SUPER."""
    smsc = begin(run)
    with rival(run) as sql:
        sql("SET GLOBAL read_only = 1")
        try:
            before = smsc.arrived()
            time.sleep(run.draw("read-only", 1.0, 4.0 if run.full else 1.5))
            went = smsc.arrived() - before
        finally:
            sql("SET GLOBAL read_only = 0")
    assert went <= WINDOW, f"{went} segments went out while nothing could be stored"
    resume(run, smsc)


def deadlocks(run: Run) -> None:
    """1213 by a rival that takes the locks in the other order and is heavier."""
    smsc = begin(run)
    with rival(run) as sql:
        sql("CREATE TABLE weight (n INT NOT NULL, PRIMARY KEY (n))")
        before = number_of_deadlocks(sql)
        wanted = run.draw("deadlocks", 1, 5)
        until_s = time.monotonic() + campaign_s(run)
        while number_of_deadlocks(sql) < before + wanted and run.left():
            with suppress(pymysql.OperationalError):
                cross(sql, run.campaigns[0])
            if time.monotonic() > until_s:
                break
        made = run.note("made", number_of_deadlocks(sql) - before)
    resume(run, smsc)
    assert made, "no deadlock came about"


def cross(sql: Callable[[str], Any], campaign_id: int) -> None:
    """One heavy transaction: the counts first, then the messages."""
    sql("BEGIN")
    sql("INSERT INTO weight SELECT seq FROM seq_1_to_3000")
    sql(f"SELECT * FROM campaign_count WHERE campaign_id = {campaign_id} FOR UPDATE")
    time.sleep(0.02)
    sql(f"SELECT id FROM message WHERE campaign_id = {campaign_id} FOR UPDATE")
    sql("ROLLBACK")


def number_of_deadlocks(sql: Callable[[str], Any]) -> int:
    """Since the server started; also ends what an error has left open."""
    sql("ROLLBACK")
    return int(sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0][1])


def lock_waits(run: Run) -> None:
    """1205: somebody holds the counts for longer than the server waits."""
    with rival(run) as sql:
        sql(f"SET GLOBAL innodb_lock_wait_timeout = {LOCK_WAIT_S}")
        try:
            smsc = begin(run)
        finally:
            sql("SET GLOBAL innodb_lock_wait_timeout = 50")
        sql("BEGIN")
        sql(f"SELECT * FROM campaign_count WHERE campaign_id = {run.campaigns[0]}"
            " FOR UPDATE")  # fmt: skip
        time.sleep(run.draw("held", 1.5, 8.0 if run.full else 3.0))
        sql("ROLLBACK")
    resume(run, smsc)


def connections_killed(run: Run) -> None:
    """2013 and 2006 at any moment: an administrator kills connections."""
    smsc = begin(run)
    with rival(run) as sql:
        for _ in range(run.draw("times", 1, 10)):
            for row in sql("SHOW PROCESSLIST"):
                if row[1] == run.place.name:
                    with suppress(pymysql.MySQLError):  # it is gone already
                        sql(f"KILL CONNECTION {row[0]}")
            time.sleep(run.random.uniform(0.0, 0.2))
    resume(run, smsc)


def commits_lost(run: Run) -> None:
    """2013 as the answer to COMMIT, which was done, or was not."""
    which = run.choose("commit of", ["claim", "settle"])
    done = run.choose("done", [True, False])
    after = run.draw("each", 2, 6)
    smsc = begin(
        run, "--lose-commit", which, "--after", str(after), *["--undone"] * (not done)
    )
    resume(run, smsc)


def error(*codes: int) -> Callable[[Run], None]:
    """Every statement is answered with an error for some seconds."""

    def play(run: Run) -> None:
        code = run.choose("error", codes)
        for_s = run.draw("for", 1.0, 4.0 if run.full else 1.5)
        after = run.draw("claims before", 2, 20)
        smsc = run.operator(answer_delay_s=[0.0, 0.02])
        run.trunk(smsc, rate_per_s=run.size / campaign_s(run))
        run.load()
        service = run.service(
            *("--error", str(code), "--after", str(after), "--for-s", str(for_s))
        )
        wait_until(
            lambda: "waiting for the database" in service.said(), RUN_S, service.said
        )
        before = smsc.arrived()
        time.sleep(for_s / 2)
        went = smsc.arrived() - before
        assert went <= WINDOW, f"{went} segments went out without a database"
        time.sleep(for_s / 2)
        resume(run, smsc)

    return play


@contextmanager
def rival(run: Run) -> Iterator[Callable[[str], Any]]:
    """Root's own connection to the run's database: sql(text) -> rows."""
    arguments = run.place.server.connect_args | {"database": run.place.name}
    connection = pymysql.connect(**arguments, autocommit=True)

    def sql(text: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()

    with connection:
        yield sql


def row(name: str, fault: str, play: Callable[[Run], None], **more: Any) -> Scenario:
    """Fifty runs of a thousand messages."""
    return Scenario(name, fault, play, 50, 1000, **more)


ROWS = [
    row("db-restarted", "database restarted", restarted, hurts=True),
    row("db-killed", "database killed", killed, hurts=True),
    row("db-frozen", "database frozen 60 s", frozen, hurts=True),
    row("db-deadlocks", "1213, deadlocks", deadlocks, may_doubt=0),
    row("db-lock-waits", "1205, lock waits", lock_waits, may_doubt=0, hurts=True),
    row("db-killed-links", "2013, connections killed", connections_killed),
    row("db-commits-lost", "2013, answer to COMMIT lost", commits_lost),
    row("db-read-only", "1290, read-only", read_only, may_doubt=0, hurts=True),
    row("db-not-ready", "1047, Galera node not ready", error(1047)),
]
