"""What the mail says by which an account is tried."""

from __future__ import annotations

from ..languages import Speech


def subject(speech: Speech) -> str:
    """Its subject."""
    return speech.gettext("Test of the mail account of massivesms")


def body(speech: Speech) -> str:
    """Its text."""
    said = speech.gettext(
        "This mail shows that the mail account works. Incoming messages and daily"
        " reports come from this address."
    )
    return said + "\n"
