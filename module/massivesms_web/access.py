"""Who may open what: the signed-in user, and the permission of each view.

Every view is marked with what it needs; a test holds every route against that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from massivesms.domain.permissions import Permission
from massivesms.store import users
from massivesms.store.db import Row

from . import current

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):
    """The user of this request."""

    def __init__(self, row: Row) -> None:
        self.id: int = row["id"]
        self.name: str = row["full_name"]
        self.role: str | None = row["role"]
        self.source: str = row["source"]
        self.language: str = row["language"]
        self.permissions: frozenset[str] = row["permissions"]
        self.row = row

    def may(self, *any_of: Permission | str) -> bool:
        """Whether one of the permissions is the user's."""
        return any(permission in self.permissions for permission in any_of)


def init(app: Flask) -> None:
    """Teaches the application who is signed in."""
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are ours: sessions.py
    manager.user_loader(_load)


def load_user() -> None:
    """Reads the user of this request now, outside any transaction."""
    current_user.is_authenticated  # noqa: B018 - asking is what loads


def _load(user_id: str) -> SignedIn | None:
    with current.db().transaction() as tx:
        row = users.by_id(tx, int(user_id))
    return SignedIn(row) if row and row["active"] else None


def requires(*any_of: Permission) -> Callable[[View], View]:
    """Only for signed-in users with one of the permissions; others see 403."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return to_sign_in()
            if any_of and not current_user.may(*any_of):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = any_of  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def signed_in(view: View) -> View:
    """For every signed-in user."""
    return requires()(view)


def to_sign_in() -> Response:
    """Sends a visitor to the sign-in page, and back here afterwards."""
    if request.headers.get("HX-Request"):
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("sign_in.show")
        return answer
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    wanted = None if here == "/" else here
    return cast(Response, redirect(url_for("sign_in.show", next=wanted)))
