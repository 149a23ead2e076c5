"""Signed-in browsers: server-side sessions behind a random cookie.

The database has only a hash of the cookie's token. A session is written when it
changes, and once in a while so that it lives on; visitors who need none get none.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin

from massivesms.errors import StoreError
from massivesms.store import web_sessions
from massivesms.store.db import Database

from . import current

log = logging.getLogger(__name__)

IDLE_LIFETIME_S = 12 * 3600
VISITOR_LIFETIME_S = 3600
#: Signing out of the PBX does not reach us: its users are let go sooner, and
#: come back by its menu without noticing.
PBX_IDLE_LIFETIME_S = 3600
PBX_LIFETIME_S = 12 * 3600
EXTEND_AFTER_S = 300
#: Where Flask-Login keeps the id of the user.
USER = "_user_id"
SEEN = "_seen"
#: Until when the PBX's word holds; only sessions from its menu have it.
PBX_UNTIL = "_pbx_until"
#: Whether the pages are shown inside the PBX's page.
FRAMED = "framed"


class Session(dict[str, Any], SessionMixin):
    """The values of one browser; `token` is what its cookie says."""

    def __init__(
        self, values: Mapping[str, Any] | None = None, token: str | None = None
    ) -> None:
        super().__init__(values or {})
        self.token = token
        self.ended: list[str] = []
        self._loaded = dict(self)

    @property
    def is_changed(self) -> bool:
        """Whether the values differ from what was loaded."""
        return dict(self) != self._loaded

    def renew(self) -> None:
        """Gives the browser a new cookie: after signing in, against fixation."""
        if self.token:
            self.ended.append(self.token)
        self.token = None
        self.pop("csrf_token", None)

    def end(self) -> None:
        """Forgets everything, here and in the database."""
        self.renew()
        self.clear()

    def come_from_the_pbx(self, *, anew: bool) -> None:
        """Holds as long as the PBX's word; `anew` unless it is the same user's."""
        if anew:
            self.end()
        self[FRAMED] = True
        self[PBX_UNTIL] = int(time.time()) + PBX_LIFETIME_S


class DatabaseSessions(SessionInterface):
    """Sessions in the table web_session."""

    def open_session(self, app: Flask, asked: Request) -> Session:
        token = asked.cookies.get(self.get_cookie_name(app))
        if not token or len(token) > 64 or not current.has_visitor():
            return Session()
        try:
            with current_database(app).transaction() as tx:
                row = web_sessions.find(tx, _hash(token))
        except StoreError:
            return Session()  # the page itself says that the database is away
        return Session(json.loads(row["data"]), token) if row else Session()

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        assert isinstance(session, Session)  # noqa: S101 - we made it
        if not current.has_visitor():
            return
        response.vary.add("Cookie")
        try:
            self._save(app, session, response)
        except StoreError:
            log.warning("a session could not be saved")

    def _save(self, app: Flask, session: Session, response: Response) -> None:
        must_write = session.is_changed or _must_be_extended(session)
        if not must_write and not session.ended:
            return
        is_new = session.token is None
        with current_database(app).transaction() as tx:
            for token in session.ended:
                web_sessions.delete(tx, _hash(token))
            if session:
                session.token = session.token or secrets.token_urlsafe(32)
                session[SEEN] = int(time.time())
                user = session.get(USER)
                web_sessions.save(
                    tx,
                    _hash(session.token),
                    int(user) if user else None,
                    json.dumps(session),
                    _lifetime_s(session),
                    is_new=is_new,
                )
        self._set_cookie(app, session, response, is_new)

    def _set_cookie(
        self, app: Flask, session: Session, response: Response, is_new: bool
    ) -> None:
        name, path = self.get_cookie_name(app), request.script_root or "/"
        if not session:
            response.delete_cookie(name, path=path)
        elif is_new and session.token:
            response.set_cookie(
                name,
                session.token,
                path=path,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )


def _lifetime_s(session: Session) -> int:
    if not session.get(USER):
        return VISITOR_LIFETIME_S
    if PBX_UNTIL not in session:
        return IDLE_LIFETIME_S
    return min(PBX_IDLE_LIFETIME_S, int(session[PBX_UNTIL] - time.time()))


def _must_be_extended(session: Session) -> bool:
    """Pages that refresh themselves keep nobody signed in who has gone home."""
    if session.token is None or request.headers.get("HX-Request"):
        return False
    return time.time() - float(session.get(SEEN, 0)) > EXTEND_AFTER_S


def current_database(app: Flask) -> Database:
    """The application's database; a session opens before there is a context."""
    house: current.House = app.extensions["massivesms"]
    return house.db


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
