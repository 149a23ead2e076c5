"""Trying a trunk: the page asks, the service tries, the page shows what came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import audit, trunk_tests, trunks
from massivesms.store.db import Row

from .. import current
from ..access import requires

blueprint = Blueprint("trunk_tests", __name__, url_prefix="/trunks")

#: The service takes no test that is older (store.trunk_tests.NEXT).
GIVEN_UP_AFTER = timedelta(seconds=60)


@blueprint.post("/<int:trunk_id>/test")
@requires(Permission.TRUNKS)
def ask(trunk_id: int) -> Response | str:
    """Asks the service to try a trunk; says so when none is running."""
    actor = current.actor()
    with current.db().transaction() as tx:
        trunk = trunks.by_id(tx, trunk_id) or abort(404)
        test_id = trunk_tests.request(tx, trunk_id, actor.name)
        audit.record(tx, actor, "trunk.test", trunk["name"])
        test = trunk_tests.by_id(tx, test_id) or abort(404)
    if "HX-Request" in request.headers:
        return _part(trunk, test)
    address = url_for("trunk_tests.show", trunk_id=trunk_id, test_id=test_id)
    return redirect(address)


@blueprint.get("/<int:trunk_id>/test/<int:test_id>")
@requires(Permission.TRUNKS)
def show(trunk_id: int, test_id: int) -> str:
    """What came back so far; htmx fetches only that."""
    with current.db().transaction() as tx:
        trunk = trunks.by_id(tx, trunk_id) or abort(404)
        test = trunk_tests.by_id(tx, test_id)
    if test is None or test["trunk_id"] != trunk_id:
        abort(404)
    if "HX-Request" in request.headers:
        return _part(trunk, test)
    return render_template("trunk_tests/show.html", **values(trunk, test))


def _part(trunk: Row, test: Row) -> str:
    return render_template("trunk_tests/_result.html", **values(trunk, test))


def values(trunk: Row, test: Row | None) -> dict[str, object]:
    """What the result's template needs: the trunk as `tested`, and its test."""
    if test is None:
        return {"test": None}
    asked_at = test["requested_at"].replace(tzinfo=UTC)
    is_old = datetime.now(UTC) - asked_at > GIVEN_UP_AFTER
    return {
        "tested": trunk,
        "test": test,
        "is_given_up": test["state"] != "done" and is_old,
        "is_running": current.service_running(),
    }
