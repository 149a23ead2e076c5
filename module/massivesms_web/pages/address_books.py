"""Finding a number in the PBX's address book, beside the send form or on its own."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_login import current_user

from massivesms.domain.address_books import (
    MOST_HITS,
    MOST_TYPED,
    Hit,
    Search,
    offer,
    read_search,
)
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import MassiveSmsError
from massivesms.store import address_books

from .. import current
from ..access import requires

blueprint = Blueprint("address_books", __name__, url_prefix="/address-book")


@blueprint.get("/")
@requires(Permission.SEND)
def show() -> str:
    """Contacts that are like ?q=; alone for the box on the send page."""
    if not is_there():
        abort(404)
    typed = request.args.get("q", "")[:MOST_TYPED]
    search = read_search(typed, current.settings().number_plan)
    hits: list[Hit] = []
    problem: Problem | None = None
    if search is not None:
        try:
            hits = _hits(search)
        except MassiveSmsError as error:
            problem = error.problem
    is_part = "HX-Request" in request.headers
    return render_template(
        "address_books/_hits.html" if is_part else "address_books/show.html",
        typed=typed,
        is_asked=search is not None,
        hits=hits,
        has_more=len(hits) == MOST_HITS,
        problem=problem,
    )


def is_there() -> bool:
    """Whether the PBX has an address book."""
    return address_books.is_there(current.config().pbx)


def _hits(search: Search) -> list[Hit]:
    pbx, plan = current.config().pbx, current.settings().number_plan
    reader = address_books.reader_of(current_user.row, pbx)
    contacts = address_books.find(current.db(), pbx, search, reader)
    return [hit for contact in contacts if (hit := offer(contact, plan))]
