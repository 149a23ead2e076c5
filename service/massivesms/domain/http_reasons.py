"""Why an HTTP provider did not take a message: a closed set, each with its decision.

Every provider's own codes are mapped to one of these, so that the engine never reads
an error text. The words are those of the result code `http_` + the reason's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .outcomes import Decision
from .words import N_


class Reason(NamedTuple):
    """What to do with the message (None: it may have been taken), and the words."""

    decision: Decision | None
    words: str


FAIL, RETRY, PAUSE = Decision.FAIL, Decision.RETRY, Decision.PAUSE_TRUNK
NEXT, ONCE, STOP = Decision.NEXT_TRUNK, Decision.NEXT_ONCE, Decision.STOP_TRUNK

REASONS: Mapping[str, Reason] = {
    "number": Reason(
        FAIL, N_("The provider says that this number gets no messages: %(detail)s")
    ),
    "opted_out": Reason(
        FAIL, N_("The provider says that its owner has opted out: %(detail)s")
    ),
    "text": Reason(FAIL, N_("The provider does not accept the text: %(detail)s")),
    "window": Reason(
        ONCE,
        N_(
            "The person has not written in the last 24 hours: only an approved"
            " template may be sent. %(detail)s"
        ),
    ),
    "template": Reason(
        NEXT, N_("The provider does not accept the template: %(detail)s")
    ),
    "sender": Reason(NEXT, N_("The provider does not accept the sender: %(detail)s")),
    "request": Reason(
        NEXT,
        N_(
            "The provider does not understand the request; look at the trunk's"
            " settings: %(detail)s"
        ),
    ),
    "route": Reason(
        ONCE, N_("The provider cannot send to this country or operator: %(detail)s")
    ),
    "refused": Reason(ONCE, N_("The provider refused the message: %(detail)s")),
    "busy": Reason(RETRY, N_("The provider cannot take it at the moment: %(detail)s")),
    "limit": Reason(PAUSE, N_("The provider says that it is too fast: %(detail)s")),
    "signin": Reason(
        STOP, N_("The provider does not accept the user or the secret: %(detail)s")
    ),
    "credit": Reason(STOP, N_("There is no credit left at the provider: %(detail)s")),
    "suspended": Reason(STOP, N_("The provider has stopped the account: %(detail)s")),
    "doubt": Reason(
        None,
        N_("The provider failed after it had got the message: %(detail)s"),
    ),
}

AWAY = 503
#: What an HTTP status by itself means (RFC 9110 §15). An error of a proxy (502, 503,
#: 504) says nothing about what the server behind it did; after a POST, 302 and 303 show
#: the page of what was done, and 409 is often said of what is there already.
STATUSES: Mapping[int, str] = {
    302: "doubt",
    303: "doubt",
    400: "request",
    401: "signin",
    402: "credit",
    403: "signin",
    404: "request",
    405: "request",
    406: "request",
    408: "busy",
    409: "doubt",
    411: "request",
    413: "text",
    414: "text",
    415: "request",
    425: "busy",
    429: "limit",
    500: "doubt",
    502: "doubt",
    AWAY: "doubt",
    504: "doubt",
}


def of_status(status: int, *, says_when: bool = False) -> str:
    """The reason of an HTTP status that no table knows better.

    A 503 that says when to come again (Retry-After) is the provider's own.
    """
    if status == AWAY and says_when:
        return "busy"
    if status in STATUSES:
        return STATUSES[status]
    if 300 <= status < 400:
        return "request"  # redirects are not followed
    return "refused" if 400 <= status < 500 else "doubt"


def result_code(reason: str) -> str:
    """The stored code of a reason."""
    return f"http_{reason}"


WORDS: Mapping[str, str] = {
    **{result_code(name): reason.words for name, reason in REASONS.items()},
    "http_unreadable": N_(
        "The provider's answer is not what the trunk's settings say; whether it took"
        " the message is not known: %(detail)s"
    ),
    "http_no_answer": N_("The provider got the message and did not answer: %(detail)s"),
    "http_host_forbidden": N_(
        "The server %(detail)s is not of the public internet: an administrator must"
        " allow it in the setting webhook_hosts."
    ),
    "http_ready": N_("The provider %(detail)s can be asked."),
}
