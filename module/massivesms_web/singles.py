"""Single messages of the pages: none to a blocked number, none twice by two presses."""

from __future__ import annotations

from massivesms.domain.blocked_numbers import refusal
from massivesms.domain.singles import Single
from massivesms.domain.words import Problem
from massivesms.store import audit, blocked_numbers, messages
from massivesms.store.db import Row, Transaction
from massivesms.store.messages import NewMessage

from . import current, once


def why_blocked(single: Single, campaign_id: int) -> dict[str, Problem] | None:
    """Why nothing may be sent to its number, by field; None when it may."""
    number = single.number.e164
    with current.db().transaction() as tx:
        source = blocked_numbers.source_of(tx, number, campaign_id)
    return {"number": refusal(number, source)} if source else None


def enqueue(
    token: str | None,
    single: Single,
    *,
    campaign_id: int,
    text: str | None,
    of: Row | None = None,
    trunk_id: int | None = None,
    sender_id: str | None = None,
    express: bool = True,
) -> int:
    """Puts a message in a campaign's queue once for each token of a form; its id.

    `text` is None for the campaign's own; `of` is a campaign that the audit names.
    """
    actor = current.actor()
    number = single.number
    token = token or ""

    def work(tx: Transaction) -> int:
        known = once.earlier(tx, token)
        if known is not None:
            return known
        message_id = messages.enqueue_single(
            tx,
            NewMessage(number.e164, number.is_local, single.segments, text),
            campaign_id=campaign_id,
            trunk_id=trunk_id,
            sender_id=sender_id,
            express=express,
            created_by=actor.name,
        )
        once.remember(tx, token, message_id)
        details = {"message_id": message_id, **({"campaign": of["name"]} if of else {})}
        audit.record(tx, actor, "message.send", number.masked, details)
        return message_id

    return current.db().atomically(work)
