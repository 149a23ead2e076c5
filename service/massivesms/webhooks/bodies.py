"""What a target is told: the JSON of a delivery and of each event in it.

The form is described in docs/webhooks.md; names are those that the command line
uses. Add to it, do not change it: programs of users depend on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..domain import results
from ..domain import webhooks as rules
from ..domain.webhooks import Happened

Row = Mapping[str, Any]


def body(
    delivery_id: str,
    kind: str,
    created_at: datetime,
    events: Sequence[Mapping[str, Any]],
) -> bytes:
    """The body of a POST."""
    told = {
        "id": delivery_id,
        "type": kind,
        "created_at": moment(created_at),
        "events": list(events),
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def test_event(event_id: str, at: datetime) -> dict[str, Any]:
    """What the button sends."""
    return {"id": event_id, "type": "test", "at": moment(at)}


def event(happened: Happened, facts: Row | None, *, with_texts: bool) -> dict[str, Any]:
    """One event; without facts when what it happened to is gone meanwhile."""
    told: dict[str, Any] = {
        "id": happened.event_id,
        "type": happened.kind,
        "at": moment(happened.at),
    }
    if happened.kind.startswith(rules.MESSAGE):
        told["message"] = _message(happened, facts or {}, with_texts)
    elif happened.kind == rules.INCOMING:
        told["incoming"] = _incoming(happened, facts or {}, with_texts)
    elif happened.kind == rules.CAMPAIGN_FINISHED:
        told["campaign"] = _campaign(happened, facts or {})
    elif happened.kind == rules.TRUNK_STOPPED:
        told["trunk"] = _trunk(happened, facts or {})
    return told


def _message(happened: Happened, facts: Row, with_texts: bool) -> dict[str, Any]:
    state = happened.kind.removeprefix(rules.MESSAGE)
    code, detail = happened.code, happened.detail
    if code and not detail and facts.get("result_code") == code:
        detail = facts.get("result_detail") or ""  # it is in this state still
    told = {
        "id": happened.subject,
        "state": state,
        "number": facts.get("number"),
        "campaign_id": facts.get("campaign_id"),
        "campaign": facts.get("campaign"),
        "trunk": facts.get("trunk"),
        "segments": facts.get("segments"),
        "smsc_message_ids": facts.get("smsc_message_ids", []),
        "result_code": code or None,
        "result": results.text(code, detail),
        "created_at": moment(facts.get("created_at")),
        "sent_at": moment(facts.get("submitted_at")),
    }
    return {**told, "text": facts.get("text")} if with_texts else told


def _incoming(happened: Happened, facts: Row, with_texts: bool) -> dict[str, Any]:
    told = {
        "id": happened.subject,
        "number": facts.get("number") or None,
        "sender": facts.get("sender"),
        "recipient": facts.get("recipient"),
        "trunk": facts.get("trunk"),
        "kind": facts.get("kind") or "message",
        "parts": facts.get("parts"),
        "incomplete": bool(facts.get("incomplete")),
        "handled": facts.get("handled") or None,
        "message_id": facts.get("message_id"),
        "received_at": moment(facts.get("received_at")),
    }
    return {**told, "text": facts.get("text")} if with_texts else told


def _campaign(happened: Happened, facts: Row) -> dict[str, Any]:
    counts = dict(facts.get("counts", {}))
    return {
        "id": happened.subject,
        "name": facts.get("name"),
        "counts": counts,
        "total": sum(counts.values()),
    }


def _trunk(happened: Happened, facts: Row) -> dict[str, Any]:
    return {
        "id": happened.subject,
        "name": facts.get("name"),
        "reason_code": happened.code or None,
        "reason": results.text(happened.code, happened.detail),
    }


def moment(at: datetime | None) -> str | None:
    """A moment of the database in ISO 8601 with Z."""
    if at is None:
        return None
    plain = at.replace(tzinfo=None) if at.tzinfo in (None, UTC) else at
    return plain.isoformat(timespec="milliseconds") + "Z"
