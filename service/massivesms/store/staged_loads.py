"""Staged loads: an uploaded file, and what its person has chosen for it until now.

One belongs to who uploaded it and is kept for a day. The choices are of the import
wizard's steps; the file itself is the business of intake/staging.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import load_jobs
from .audit import Actor
from .db import Row, Transaction

CHECK, LOAD = load_jobs.WIZARD_CHECK, load_jobs.WIZARD_LOAD
KEPT_H = 24

INSERT = """
INSERT INTO staged_load (name, file, size, created_by, created_at)
VALUES (%(name)s, %(file)s, %(size)s, %(by)s, UTC_TIMESTAMP(3))"""


def create(tx: Transaction, name: str, file: str, size: int, by: str) -> int:
    """A file that lies below the exports' directory; its id."""
    shown = name.encode("utf-8", "replace").decode("utf-8")[-255:]
    return tx.insert(INSERT, {"name": shown, "file": file, "size": size, "by": by})


FIELDS = """id, name, file, size, sheet, mapping, target, list_id, list_name,
list_description, check_job_id, checked, load_job_id, created_by, created_at"""
BY_ID = f"""
SELECT {FIELDS} FROM staged_load WHERE id = %(id)s
  AND created_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR"""  # noqa: S608


def by_id(tx: Transaction, staged_id: int) -> Row | None:
    """One with `mapping` and `checked` as dictionaries; None when it is a day old."""
    row = tx.row(BY_ID, {"id": staged_id, "kept_h": KEPT_H})
    if row is None:
        return None
    if row["mapping"] is not None:
        found = json.loads(row["mapping"])
        row["mapping"] = {int(column): name for column, name in found.items()}
    if row["checked"] is not None:
        row["checked"] = json.loads(row["checked"])
    return row


OF_USER = """
SELECT s.id, s.name, s.size, s.created_at, j.state FROM staged_load s
LEFT JOIN load_job j ON j.id = s.load_job_id
WHERE s.created_by = %(by)s
  AND s.created_at > UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR
ORDER BY s.id DESC LIMIT 10"""


def of_user(tx: Transaction, by: str) -> list[Row]:
    """The last ones of somebody, the newest first; `state` is that of its load."""
    return tx.rows(OF_USER, {"by": by, "kept_h": KEPT_H})


LOCK = """
SELECT check_job_id, load_job_id FROM staged_load WHERE id = %(id)s FOR UPDATE"""


def _drop_jobs(tx: Transaction, staged_id: int) -> None:
    """Another choice is made: what goes by the last one ends."""
    row = tx.row(LOCK, {"id": staged_id}) or {}
    for job_id in filter(None, row.values()):
        load_jobs.drop(tx, job_id)


CHOOSE_SHEET = """
UPDATE staged_load SET sheet = %(sheet)s, mapping = NULL, checked = NULL,
  check_job_id = NULL, load_job_id = NULL WHERE id = %(id)s"""


def choose_sheet(tx: Transaction, staged_id: int, sheet: str) -> None:
    """Takes a sheet of the book; the columns are those of another one now."""
    _drop_jobs(tx, staged_id)
    tx.execute(CHOOSE_SHEET, {"id": staged_id, "sheet": sheet})


MAP = """
UPDATE staged_load SET mapping = %(mapping)s, checked = NULL,
  check_job_id = NULL, load_job_id = NULL
WHERE id = %(id)s"""


def choose_columns(tx: Transaction, staged_id: int, mapping: Mapping[int, str]) -> None:
    """Says which column is what."""
    _drop_jobs(tx, staged_id)
    tx.execute(MAP, {"id": staged_id, "mapping": _json(mapping)})


AIM = """
UPDATE staged_load SET target = %(target)s, list_id = %(list_id)s,
  list_name = %(list_name)s, list_description = %(description)s,
  checked = NULL, check_job_id = NULL, load_job_id = NULL
WHERE id = %(id)s"""


def choose_target(
    tx: Transaction,
    staged_id: int,
    target: str,
    *,
    list_id: int | None = None,
    list_name: str = "",
    description: str = "",
) -> None:
    """Says where its rows go."""
    values = {
        "id": staged_id,
        "target": target,
        "list_id": list_id,
        "list_name": list_name,
        "description": description,
    }
    _drop_jobs(tx, staged_id)
    tx.execute(AIM, values)


CHECKING = "UPDATE staged_load SET check_job_id = %(job)s WHERE id = %(id)s"


def begin_check(tx: Transaction, staged_id: int, actor: Actor, language: str) -> int:
    """Has its rows counted in the background; the job's id."""
    params = {"staged_id": staged_id, "language": language}
    job_id = load_jobs.create(tx, CHECK, params, actor, saving=False, audited=False)
    tx.execute(CHECKING, {"id": staged_id, "job": job_id})
    return job_id


CHECKED = """
UPDATE staged_load SET checked = %(checked)s
WHERE id = %(id)s AND check_job_id <=> %(job)s"""


def checked(
    tx: Transaction, staged_id: int, found: Mapping[str, Any], job_id: int | None = None
) -> None:
    """Keeps what was counted, unless another choice has been made since."""
    values = {"id": staged_id, "checked": _json(found), "job": job_id}
    tx.execute(CHECKED, values)


LOADING = "UPDATE staged_load SET load_job_id = %(job)s WHERE id = %(id)s"


def begin_load(
    tx: Transaction, staged_id: int, params: Mapping[str, Any], actor: Actor
) -> int:
    """Has it loaded; two presses make one load, one that came to nothing another."""
    row = tx.row(LOCK, {"id": staged_id}) or {}
    before = row.get("load_job_id")
    job = load_jobs.by_id(tx, before) if before else None
    if job and job["state"] in ("waiting", "running", "done"):
        return int(job["id"])
    wanted = {**params, "staged_id": staged_id}
    job_id = load_jobs.create(tx, LOAD, wanted, actor, saving=True, audited=False)
    tx.execute(LOADING, {"id": staged_id, "job": job_id})
    return job_id


REMOVE = "DELETE FROM staged_load WHERE id = %(id)s"


def remove(tx: Transaction, staged_id: int) -> None:
    """Forgets one; its file is for the caller to take away."""
    tx.execute(REMOVE, {"id": staged_id})


OLD = """
DELETE FROM staged_load
WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL %(kept_h)s HOUR LIMIT 1000"""
ALL_FILES = "SELECT file FROM staged_load ORDER BY id"


def tidy(tx: Transaction) -> set[str]:
    """Forgets those that are a day old; the files of the others."""
    tx.execute(OLD, {"kept_h": KEPT_H})
    return {file for (file,) in tx.tuples(ALL_FILES)}


def _json(value: Mapping[Any, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
