"""Drafts of campaigns as they are kept until a job makes them: JSON, and back.

Pure. Moments, hours of the day and sending hours are written so that they are read
again as what they were; a field of another kind is refused when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, time
from typing import Any

from .campaigns import CampaignPriority, Draft, InDoubt
from .schedule import SendingHours

Kept = dict[str, Any]


def stored(draft: Draft) -> Kept:
    """A draft as a dictionary for JSON. TypeError for a value that it cannot hold."""
    return {f.name: _stored(getattr(draft, f.name)) for f in fields(draft)}


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, SendingHours):
        return {"from": value.start.isoformat(), "to": value.end.isoformat()}
    if isinstance(value, int):
        return value if isinstance(value, bool) else int(value)
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    if isinstance(value, tuple | list):
        return [_stored(one) for one in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted(value)}
    raise TypeError(f"a draft holds {type(value).__name__}")


def read(kept: Mapping[str, Any]) -> Draft:
    """What was stored; fields that are new since then have their defaults."""
    known = {f.name for f in fields(Draft)}
    values = {name: _read(value) for name, value in kept.items() if name in known}
    values["in_doubt"] = InDoubt(values["in_doubt"])
    values["priority"] = CampaignPriority(values["priority"])
    return Draft(**values)


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_read, value))
    if not isinstance(value, dict):
        return value
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    if "set" in value:
        return frozenset(value["set"])
    return SendingHours(
        time.fromisoformat(value["from"]), time.fromisoformat(value["to"])
    )
