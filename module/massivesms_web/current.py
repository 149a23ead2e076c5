"""What the current request stands on: database, settings, actor, words.

The one door from a page to the rooms below. Call these before opening a
transaction, never inside one: a thread has a single connection.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app, flash, g, has_request_context, request
from flask_babel import gettext
from flask_login import current_user
from flask_wtf import FlaskForm

from massivesms.config import Config
from massivesms.domain import results
from massivesms.domain import settings as settings_domain
from massivesms.domain.settings import Settings
from massivesms.domain.words import Problem
from massivesms.event_log import writing as event_log
from massivesms.store import migrations, services
from massivesms.store import settings as settings_store
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.vault import Vault

STATIC_PATHS = ("/static/", "/bootstrap/")
#: For programs that watch: no user, no session, and no need of the database.
WATCHED_PATHS = ("/metrics", "/health")


@dataclass(frozen=True, slots=True)
class House:
    """What one application shares between requests."""

    config: Config
    db: Database
    vault: Vault
    job_wanted: threading.Event = field(default_factory=threading.Event)
    schema_known: threading.Event = field(default_factory=threading.Event)
    known: dict[str, object] = field(default_factory=dict)  # from look to look


def house_of(app: Flask) -> House:
    """What an application has been given."""
    house: House = app.extensions["massivesms"]
    return house


def _house() -> House:
    return house_of(current_app)


def db() -> Database:
    """The database, with a connection for this thread."""
    return _house().db


def config() -> Config:
    """The configuration file's values."""
    return _house().config


def vault() -> Vault:
    """What encrypts the trunks' passwords."""
    return _house().vault


def known() -> dict[str, object]:
    """What this process remembers from one request to the next."""
    return _house().known


def want_job() -> None:
    """Wakes the thread that carries out loads, if this process has one."""
    _house().job_wanted.set()


def check_schema() -> None:
    """Looks once whether the tables are this version's. Raises WrongSchema."""
    if not _house().schema_known.is_set():
        migrations.check(db())
        _house().schema_known.set()


def doubt_schema() -> None:
    """Something was not as it should be in the database: look again."""
    _house().schema_known.clear()


def settings() -> Settings:
    """The product's settings, read once a request."""
    if "settings" not in g:
        with db().transaction() as tx:
            stored = settings_store.load(tx)
        g.settings = settings_domain.read(stored)
        event_log.follow(g.settings.time_zone, g.settings.log_events)
    found: Settings = g.settings
    return found


def actor() -> Actor:
    """Who acts in this request, for the audit."""
    name = current_user.name if current_user.is_authenticated else "-"
    return Actor(name, address())


def address() -> str:
    """The address that the request came from; '' behind a proxy's socket."""
    return (request.remote_addr or "")[:45]


def service_running() -> bool:
    """Whether a service is alive, read once a request."""
    if "service_running" not in g:
        with db().transaction() as tx:
            g.service_running = bool(services.running(tx))
    return bool(g.service_running)


def is_static() -> bool:
    """Whether the request is for a file of ours: no user, no session."""
    return has_request_context() and request.path.startswith(STATIC_PATHS)


def has_visitor() -> bool:
    """Whether a person may be behind the request, with a session and a language."""
    if not has_request_context():
        return True
    return not (is_static() or request.path in WATCHED_PATHS)


def is_form() -> bool:
    """Whether a form was sent, so that something may be changed."""
    return request.method == "POST"


def say(problem: Problem, **instead: object) -> str:
    """A problem's sentence in the reader's language.

    Problems inside its values are said too; `instead` replaces values by name.
    """
    params = {
        name: say(value) if isinstance(value, Problem) else value
        for name, value in {**problem.params, **instead}.items()
    }
    sentence: str = gettext(problem.template) % params
    return sentence.strip()


def show_problems(form: FlaskForm, problems: Mapping[str, Problem]) -> None:
    """Puts each problem beside its field; those without a field become a flash."""
    for name, problem in problems.items():
        field = form._fields.get(name)
        if field is None:
            flash(say(problem), "danger")
            continue
        label = {"key": str(field.label.text)} if "key" in problem.params else {}
        field.errors = [*field.errors, say(problem, **label)]


def result_words(code: str | None, detail: str | None = None) -> str:
    """The sentence of a stored result; '' without one."""
    found = results.words(code, detail)
    return say(found) if found else ""
