"""Security headers on every answer, errors and redirects too."""

from __future__ import annotations

from flask import Flask, Response

from . import current

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'self'"
)


def init(app: Flask) -> None:
    """Adds the headers after everything else."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    if not (current.is_static() and response.status_code in (200, 304)):
        response.headers["Cache-Control"] = "no-store"
    return response
