"""The web module: builds the Flask application from its parts.

Owns only the wiring. What a page does is in pages/, what it asks in forms/, how
it looks in templates/. Nothing here sends: pages write rows, the service acts.
"""

from __future__ import annotations

from flask import Flask, g, request, session
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store.db import Database
from massivesms.vault import NumberHash, Vault, derive

from . import access, current, headers, language, look, refusals
from .pages import BLUEPRINTS, provider_calls, sso
from .sessions import FRAMED, DatabaseSessions

MAX_UPLOAD = 55 * 1024 * 1024
STATIC_AGE_S = 7 * 24 * 3600


def create_app(config: Config | None = None) -> Flask:
    """The application of one configuration; the default file's without one."""
    config = config or configuration.load()
    master = config.secret_key()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=derive(master, "web"),
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_AGE_S,
        SESSION_COOKIE_NAME="massivesms",
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions["massivesms"] = current.House(
        config,
        Database(config.database, hash_of=NumberHash(lambda: master)),
        Vault(master),
    )
    app.session_interface = DatabaseSessions()
    headers.init(app)
    refusals.init(app)
    language.init(app)
    app.before_request(_prepare)
    csrf = CSRFProtect(app)
    csrf.exempt(sso.enter)  # a form of the PBX's; sso.py checks it
    csrf.exempt(provider_calls.take)  # signed by the provider
    csrf.exempt(provider_calls.take_with_token)  # only it knows the address
    access.init(app)
    Bootstrap5(app)
    look.init(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _is_framed() -> bool:
    """Whether the page will be inside another one: as the browser says, where it does.

    Without TLS it does not; then as one came. app.js puts it right in any case.
    """
    destination = request.headers.get("Sec-Fetch-Dest")
    if destination in ("iframe", "frame") or request.args.get("framed") == "1":
        return True
    return destination != "document" and bool(session.get(FRAMED))


def _prepare() -> None:
    """Reads what every page needs before a page opens a transaction of its own.

    A thread has one connection: reading settings or the user inside a page's
    transaction would commit half of it.
    """
    g.framed = _is_framed()
    if current.has_visitor():
        current.check_schema()
        current.settings()
        access.load_user()
        language.chosen()
