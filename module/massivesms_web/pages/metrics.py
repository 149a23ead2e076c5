"""/metrics for Prometheus: only for who has the token of the page Monitoring."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from massivesms.errors import StoreError
from massivesms.store import monitor
from massivesms.vault import is_token

from .. import current, metrics
from ..watched_database import watched

log = logging.getLogger(__name__)

blueprint = Blueprint("metrics", __name__)

CLOSED = (
    "The metrics are closed. An administrator makes a token under Configuration,"
    " Monitoring, or with: massivesms metrics token\n"
)
REFUSED = "The token is not the right one. Send it as: Authorization: Bearer TOKEN\n"
AWAY = "The database is away.\n"


@blueprint.get("/metrics")
def show() -> Response:
    """All metrics; while the database is away, that it is."""
    stored, seen = _stored_hash(), None
    if stored is None:
        return _said(AWAY, 503)
    if not stored:
        return _said(CLOSED, 403)
    if not is_token(_given(), stored):
        answer = _said(REFUSED, 401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        with watched().transaction() as tx:
            seen = monitor.snapshot(tx)
    except StoreError as error:
        log.warning("the metrics have no database: %s", error)
    return Response(metrics.text(seen), content_type=metrics.CONTENT_TYPE)


def _given() -> str:
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip()[:256] if kind.lower() == "bearer" else ""


def _stored_hash() -> str | None:
    """The token's hash; the one that was known last while the database is away."""
    known = current.known()
    try:
        with watched().transaction() as tx:
            known["metrics_token"] = monitor.token_hash(tx)
    except StoreError:
        log.info("the token of the metrics is the one that was known last")
    found = known.get("metrics_token")
    return None if found is None else str(found)


def _said(words: str, status: int) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
