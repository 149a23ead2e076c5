"""The words for the error of a receipt, where they are known.

Each operator has codes of its own; many hand on those of the mobile network (3GPP TS
29.002 §17.6.6), so the words say "in most networks". The code itself always stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_, Problem

WORDS: Mapping[int, str] = {
    1: N_("the number does not exist"),
    5: N_("the number does not exist"),
    6: N_("the phone is off or out of reach"),
    8: N_("the phone is in a network where it may not be used"),
    9: N_("the number may not be used"),
    10: N_("the number cannot receive messages"),
    11: N_("the number cannot receive messages"),
    12: N_("the phone is barred"),
    13: N_("the number is barred from receiving"),
    21: N_("the recipient's network does not support it"),
    27: N_("the phone is off or out of reach"),
    28: N_("the phone cannot receive it"),
    31: N_("the phone was busy with another message"),
    32: N_("the phone's memory is full or it refused the message"),
    33: N_("too many messages wait for the phone"),
    34: N_("the recipient's network has a fault"),
    35: N_("the networks did not understand each other"),
    36: N_("the networks did not understand each other"),
}
KNOWN = N_("Error %(error)s, in most networks: %(words)s.")
UNKNOWN = N_("Error %(error)s.")


def known(error: str) -> str | None:
    """What an error means in most networks, to be translated; None when unknown."""
    if not (error.isascii() and error.isdecimal()):
        return None
    return WORDS.get(int(error))


def text(error: str | None) -> str:
    """The sentence in English, for the command line and the log; '' without one."""
    if not error:
        return ""
    words = known(error)
    template = KNOWN if words else UNKNOWN
    return template % {"error": error, "words": words}


def problem(error: str | None) -> Problem | str:
    """The sentence as a problem, to be translated; '' without an error."""
    if not error:
        return ""
    words = known(error)
    if words is None:
        return Problem("receipt_error", UNKNOWN, error=error)
    return Problem("receipt_error", KNOWN, error=error, words=Problem("error", words))
