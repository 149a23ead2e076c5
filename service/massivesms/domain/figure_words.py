"""The words of a campaign's figures: what each counts and what it means.

Sent are the messages that the operator took, and bills; what it refused at once was
never taken and is among the failed. Counting is in campaign_figures.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .states import MessageState
from .words import N_

S = MessageState


class Line(NamedTuple):
    """A figure's place: the state whose messages it counts, and its words."""

    state: MessageState
    label: str
    meaning: str


LINES: Mapping[str, Line] = {
    "delivered": Line(
        S.DELIVERED,
        N_("Delivered"),
        N_("The operator took the message and the phone has confirmed it."),
    ),
    "accepted": Line(
        S.SUBMITTED,
        N_("Accepted by the operator"),
        N_("The operator took the message; no delivery receipt has come yet."),
    ),
    "undelivered": Line(
        S.UNDELIVERED,
        N_("Not delivered"),
        N_("The operator took the message and could not bring it to the phone."),
    ),
    "expired": Line(
        S.EXPIRED,
        N_("Expired"),
        N_("The operator took the message and gave up: the phone was not reached."),
    ),
    "rejected": Line(
        S.REJECTED,
        N_("Rejected"),
        N_("The operator took the message and refused it afterwards."),
    ),
    "no_answer": Line(
        S.IN_DOUBT,
        N_("No answer"),
        N_("The message left and no answer came: it may be billed or not."),
    ),
    "refused": Line(
        S.REJECTED,
        N_("Refused at once"),
        N_("The operator did not take the message."),
    ),
    "not_sent": Line(
        S.FAILED,
        N_("Could not be sent"),
        N_("No trunk could send the message."),
    ),
    "blocked": Line(
        S.SKIPPED,
        N_("Blocked (black list)"),
        N_("The number is on the black list, or its owner wants no more messages."),
    ),
    "schedule_expired": Line(
        S.SKIPPED,
        N_("Schedule expired"),
        N_("The deadline of the campaign came before its turn."),
    ),
    "invalid_number": Line(
        S.SKIPPED,
        N_("Invalid number"),
        N_("Rows of the file that could not be taken: most have no valid number."),
    ),
    "left_out": Line(
        S.SKIPPED,
        N_("Left out for other reasons"),
        N_("Left out before sending, as the table of reasons says."),
    ),
    "cancelled": Line(
        S.CANCELLED,
        N_("Cancelled"),
        N_("Somebody took the message out of the queue before it was sent."),
    ),
    "queued": Line(S.QUEUED, N_("Queued"), N_("It waits for its turn.")),
    "submitting": Line(
        S.SUBMITTING,
        N_("Sending"),
        N_("It is on its way to the operator at this moment."),
    ),
}


class Group(NamedTuple):
    """Figures that belong together; `billed` None = nobody knows."""

    label: str
    meaning: str
    billed: bool | None
    names: tuple[str, ...]


GROUPS: Mapping[str, Group] = {
    "sent": Group(
        N_("Sent"),
        N_(
            "Taken by the operator, which bills it: delivered, accepted, not"
            " delivered, expired and rejected together."
        ),
        True,
        ("delivered", "accepted", "undelivered", "expired", "rejected"),
    ),
    "no_answer": Group(
        N_("No answer"),
        N_("In doubt until somebody decides or a delivery receipt comes."),
        None,
        ("no_answer",),
    ),
    "failed": Group(
        N_("Failed"),
        N_("Never taken by an operator: not billed."),
        False,
        ("refused", "not_sent"),
    ),
    "ignored": Group(
        N_("Ignored"),
        N_(
            "Left out before sending: blocked, schedule expired and invalid numbers"
            " together. Not billed."
        ),
        False,
        ("blocked", "schedule_expired", "invalid_number", "left_out"),
    ),
    "cancelled": Group(
        N_("Cancelled"),
        N_("Taken out of the queue by a person: not billed."),
        False,
        ("cancelled",),
    ),
    "pending": Group(
        N_("Pending"),
        N_("Not sent yet: not billed so far."),
        False,
        ("queued", "submitting"),
    ),
}
