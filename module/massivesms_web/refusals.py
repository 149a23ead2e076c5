"""Pages for what went wrong, in words: what happened and what to do."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from massivesms.errors import MassiveSmsError, StoreError, WrongSchema
from massivesms.store.failures import StoreUnavailable

from . import current

log = logging.getLogger(__name__)


def init(app: Flask) -> None:
    """Registers a page for each kind of error."""
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(StoreUnavailable, _database_away)
    app.register_error_handler(WrongSchema, _wrong_schema)
    app.register_error_handler(MassiveSmsError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crashed)


def page(status: int, title: str, text: str, *, bare: bool = False) -> Response:
    """The page of an error; `bare` without anything that asks the database."""
    g.bare = bare
    if request.headers.get("HX-Request"):
        html = render_template("_problem.html", title=title, text=text)
    else:
        html = render_template("error.html", title=title, text=text, status=status)
    return make_response(html, status)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    title, text = _words().get(status, (str(error.name), str(error.description)))
    answer = page(status, title, text)
    if status == 405 and error.get_response().headers.get("Allow"):
        answer.headers["Allow"] = error.get_response().headers["Allow"]
    return answer


def _words() -> dict[int, tuple[str, str]]:
    return {
        400: (
            _("The request could not be read"),
            _("Go back, load the page again and repeat what you did."),
        ),
        403: (
            _("You may not open this page"),
            _("Your role has no permission for it. An administrator can give it."),
        ),
        404: (
            _("There is nothing here"),
            _("The page or what it showed does not exist any more."),
        ),
        405: (
            _("This address only takes forms"),
            _("Go to the page and press its button."),
        ),
        413: (
            _("The file is too large"),
            _("Files of up to 50 MB can be loaded. Split it into several files."),
        ),
    }


def _expired(error: CSRFError) -> Response:
    return page(
        400,
        _("The form has expired"),
        _("Nothing was changed. Go back, load the page again and repeat it."),
    )


def _database_away(error: StoreUnavailable) -> Response:
    log.error("the database is away: %s", error)
    return page(
        503,
        _("The database is away"),
        _("Nothing was changed. It comes back by itself as soon as the database does."),
        bare=True,
    )


def _wrong_schema(error: WrongSchema) -> Response:
    log.error("%s", error)
    title = _("The database is of another version")
    return page(503, title, current.say(error.problem), bare=True)


def _refused(error: MassiveSmsError) -> Response:
    if isinstance(error, StoreError):
        current.doubt_schema()
    log.warning("refused: %s", error.problem.code)
    return page(409, _("That was not done"), current.say(error.problem), bare=True)


def _crashed(error: Exception) -> Any:
    log.exception("the page %s failed", request.path)
    return page(
        500,
        _("Something went wrong here"),
        _("It is written in the log of the web module. Nothing more was changed."),
        bare=True,
    )
