"""What went wrong with the database, in a person's words."""

from __future__ import annotations

from ..config import DatabaseSettings
from ..domain.words import N_, Problem


def refused(error: Exception) -> Problem:
    """The server did not do what it was asked."""
    return Problem(
        "database_error",
        N_("The database did not do it: %(error)s"),
        error=error.args[1] if len(error.args) > 1 else str(error),
    )


def busy() -> Problem:
    """Another transaction holds the same rows."""
    return Problem(
        "database_busy",
        N_(
            "Something else is just changing the same, such as a load or a campaign"
            " that is being made: try again in a moment."
        ),
    )


def not_text() -> Problem:
    """A text that is no text, so that the driver sent nothing."""
    return Problem(
        "not_text", N_("Something in it is no text (not UTF-8): it cannot be stored.")
    )


def unreachable(settings: DatabaseSettings, error: Exception) -> Problem:
    """There is no connection."""
    return Problem(
        "database_unreachable",
        N_("The database %(name)s on %(server)s cannot be reached: %(error)s"),
        name=settings.name,
        server=settings.socket or f"{settings.host}:{settings.port}",
        error=error.args[1] if len(error.args) > 1 else str(error),
    )
