"""Trying the account for a person who waits: one mail, each step told, soon over."""

from __future__ import annotations

import time
from dataclasses import replace

from ..domain.mail_account import MailAccount
from ..domain.mail_results import MailOutcome, Verdict
from .letter import Letter, compose
from .link import Link, Note

WITHIN_S = 15.0
ANSWER_S = 8.0  # for one answer of the server


def try_out(
    account: MailAccount, recipient: str, letter: Letter, note: Note
) -> MailOutcome:
    """Sends a mail; what came of it, which `note` is told too, as the last step."""
    began_s = time.monotonic()
    hasty = replace(account, timeout_s=min(account.timeout_s, ANSWER_S))
    with Link(hasty, note) as link:
        outcome = link.open(WITHIN_S)
        if outcome is None:
            left_s = max(1.0, WITHIN_S - (time.monotonic() - began_s))
            message = compose(letter, account, recipient)
            outcome = link.send(message, recipient, left_s)
    if outcome.verdict != Verdict.SENT:
        note(outcome.code, outcome.detail)
    return outcome
