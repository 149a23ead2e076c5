"""/health for load balancers and monitors: open to all, cheap, and without secrets."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from massivesms.errors import StoreError, WrongSchema
from massivesms.store import migrations, monitor

from ..watched_database import watched

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def show() -> Response:
    """200 when everything works, else 503, with what of it does."""
    parts = _parts()
    is_well = all(state == "ok" for state in parts.values())
    answer = jsonify({"status": "ok" if is_well else "down", **parts})
    answer.status_code = 200 if is_well else 503
    return answer


def _parts() -> dict[str, str]:
    """database, tables and service: "ok" or what is wrong."""
    parts = {"database": "ok", "tables": "ok", "service": "ok"}
    try:
        migrations.check(watched())
        with watched().transaction() as tx:
            if not monitor.is_service_alive(tx):
                parts["service"] = "stopped"
    except WrongSchema:
        parts |= {"tables": "other version", "service": "unknown"}
    except StoreError:
        parts = {"database": "away", "tables": "unknown", "service": "unknown"}
    return parts
