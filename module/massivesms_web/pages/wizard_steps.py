"""What the steps of the import wizard have in common: whose a load is, and the way.

Owns no address.
"""

from __future__ import annotations

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from massivesms.store import load_jobs, staged_loads
from massivesms.store.db import Row

from .. import current

#: Column of a staged load -> the step that fills it, in their order.
FILLED_BY = {
    "sheet": "sheet",
    "mapping": "columns",
    "target": "load.target",
}


def mine(staged_id: int) -> Row:
    """A staged load of who asks; those of others are not found."""
    with current.db().transaction() as tx:
        staged = staged_loads.by_id(tx, staged_id)
    if staged is None or staged["created_by"] != current.actor().name:
        abort(404)
    return staged


def needs(staged: Row, upto: str) -> Response | None:
    """The way back to the first step that has not been done, up to one of them."""
    if is_begun(staged):
        return to("load.progress", staged["id"])
    for name, step in FILLED_BY.items():
        if staged[name] is None:
            return to(step, staged["id"])
        if name == upto:
            break
    return None


def is_begun(staged: Row) -> bool:
    """Whether it is being loaded, or has been: then no choice is changed any more."""
    if not staged["load_job_id"]:
        return False
    with current.db().transaction() as tx:
        job = load_jobs.by_id(tx, staged["load_job_id"])
    return bool(job and job["state"] in ("waiting", "running", "done"))


def to(step: str, staged_id: int) -> Response:
    """Leads to a step."""
    return redirect(url_for(f"wizard.{step}", staged_id=staged_id))
