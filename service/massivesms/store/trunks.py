"""Trunks: the configured ways out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..domain.campaigns import OUTPUT_QUEUE_ID, name_taken, not_found
from ..domain.caps import PERIODS, Caps
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import (
    audit,
    modem_balances,
    modem_states,
    refused_pins,
    trunk_probes,
    webhook_outbox,
)
from .audit import Actor
from .db import Row, Transaction
from .failures import unique


@dataclass(frozen=True, slots=True)
class TrunkDraft:
    """A trunk as it is to be stored; `settings` and `secrets` were checked.

    `secrets` is the encrypted form, None to keep what is stored.
    """

    name: str
    kind: str
    active: bool = True
    priority: int = 1
    sender_id: str = ""
    append_country_code: bool = False
    rate_per_s: float | None = None
    caps: Caps = Caps()
    prefixes: str = ""
    cost_per_segment: Decimal | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: bytes | None = None
    has_new_secrets: bool = False  # said in the audit, where they never are

    def params(self) -> dict[str, Any]:
        """Values for the statements below."""
        return {
            "name": self.name,
            "kind": self.kind,
            "active": int(self.active),
            "priority": self.priority,
            "sender_id": self.sender_id,
            "append_country_code": int(self.append_country_code),
            "rate_per_s": self.rate_per_s,
            **{f"cap_{period}": getattr(self.caps, period) for period in PERIODS},
            "prefixes": self.prefixes,
            "cost_per_segment": self.cost_per_segment,
            "settings": json.dumps(dict(self.settings)),
            "secrets": self.secrets,
        }


COLUMNS = """
id, name, kind, active, priority, sender_id, append_country_code, rate_per_s,
cap_minute, cap_hour, cap_day, cap_month, prefixes, cost_per_segment, settings, secrets,
revision, stopped_code, stopped_detail, stopped_at, changed_at"""

ALL = f"SELECT {COLUMNS} FROM trunk WHERE removed = 0 ORDER BY priority, name"  # noqa: S608


def all_trunks(tx: Transaction) -> list[Row]:
    """Every trunk, best priority first; `settings` is a dict of text, `caps` Caps."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = f"SELECT {COLUMNS} FROM trunk WHERE id = %(id)s AND removed = 0"  # noqa: S608


def by_id(tx: Transaction, trunk_id: int) -> Row | None:
    """One trunk or None."""
    row = tx.row(BY_ID, {"id": trunk_id})
    return _read(row) if row else None


BY_NAME = f"SELECT {COLUMNS} FROM trunk WHERE name = %(name)s AND removed = 0"  # noqa: S608


def by_name(tx: Transaction, name: str) -> Row:
    """The trunk of that name; StoreError when there is none."""
    row = tx.row(BY_NAME, {"name": name})
    if row is None:
        raise StoreError(not_found("trunk", name))
    return _read(row)


NAMES = "SELECT id, name FROM trunk"


def names(tx: Transaction) -> dict[int, str]:
    """The names of all trunks by id, of removed ones too, for old messages."""
    return dict(tx.tuples(NAMES))


SENDERS = "SELECT DISTINCT sender_id FROM trunk WHERE removed = 0"


def senders(tx: Transaction) -> list[str]:
    """The senders of all trunks."""
    return [sender for (sender,) in tx.tuples(SENDERS)]


INSERT = """
INSERT INTO trunk (name, kind, active, priority, sender_id, append_country_code,
                   rate_per_s, cap_minute, cap_hour, cap_day, cap_month, prefixes,
                   cost_per_segment, settings, secrets, created_at, changed_at)
VALUES (%(name)s, %(kind)s, %(active)s, %(priority)s, %(sender_id)s,
        %(append_country_code)s, %(rate_per_s)s, %(cap_minute)s, %(cap_hour)s,
        %(cap_day)s, %(cap_month)s, %(prefixes)s, %(cost_per_segment)s, %(settings)s,
        %(secrets)s,
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def create(tx: Transaction, draft: TrunkDraft, actor: Actor) -> int:
    """Stores a new trunk; its id. StoreError when the name is taken."""
    with unique(name_taken("trunk", draft.name)):
        trunk_id = tx.insert(INSERT, draft.params())
    audit.record(tx, actor, "trunk.create", draft.name, _audited(draft))
    return trunk_id


UPDATE = """
UPDATE trunk SET name = %(name)s, active = %(active)s, priority = %(priority)s,
  sender_id = %(sender_id)s, append_country_code = %(append_country_code)s,
  rate_per_s = %(rate_per_s)s, cap_minute = %(cap_minute)s, cap_hour = %(cap_hour)s,
  cap_day = %(cap_day)s, cap_month = %(cap_month)s, prefixes = %(prefixes)s,
  cost_per_segment = %(cost_per_segment)s, settings = %(settings)s,
  secrets = COALESCE(%(secrets)s, secrets), revision = revision + 1,
  stopped_code = NULL, stopped_detail = NULL, stopped_at = NULL,
  changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def update(tx: Transaction, trunk_id: int, draft: TrunkDraft, actor: Actor) -> None:
    """Changes a trunk; the service opens its session again by itself."""
    before = tx.row(BY_ID, {"id": trunk_id}) or {}
    with unique(name_taken("trunk", draft.name)):
        tx.execute(UPDATE, {**draft.params(), "id": trunk_id})
    if before.get("kind") == "modem":
        refused_pins.allow_again(tx)
    after = _audited(draft)
    old = {key: before.get(key) for key in after if key in before}
    old |= json.loads(before.get("settings") or "{}")
    audit.record(tx, actor, "trunk.change", draft.name, audit.changes(old, after))


SET_ACTIVE = """
UPDATE trunk SET active = %(active)s, revision = revision + 1, stopped_code = NULL,
  stopped_detail = NULL, stopped_at = NULL, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND removed = 0"""


def set_active(tx: Transaction, trunk: Row, active: bool, actor: Actor) -> None:
    """Turns a trunk on or off; turning on also forgets why it was stopped."""
    tx.execute(SET_ACTIVE, {"id": trunk["id"], "active": int(active)})
    if active and trunk["kind"] == "modem":
        refused_pins.allow_again(tx)
    action = "trunk.enable" if active else "trunk.disable"
    details = {"active": [trunk["active"], active]}
    audit.record(tx, actor, action, trunk["name"], details)


STOP = """
UPDATE trunk SET stopped_code = %(code)s, stopped_detail = %(detail)s,
  stopped_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND revision = %(revision)s AND stopped_code IS NULL"""


def stop(tx: Transaction, trunk_id: int, revision: int, code: str, detail: str) -> bool:
    """The service stops a trunk that only a person can put right.

    Does nothing when the trunk was changed meanwhile.
    """
    values = {"id": trunk_id, "revision": revision, "code": code}
    if not tx.execute(STOP, {**values, "detail": detail[:255]}):
        return False
    webhook_outbox.trunk_stopped(tx, trunk_id, code, detail)
    return True


QUEUE_NAME = "SELECT name FROM campaign WHERE id = %(queue)s"
HAS_HISTORY = "SELECT 1 FROM campaign_count WHERE trunk_id = %(id)s LIMIT 1"
PINNED = """
SELECT name FROM campaign WHERE trunk_id = %(id)s AND removed = 0 AND open = 1 LIMIT 1
"""
PINNED_MESSAGE = """
SELECT 1 FROM message FORCE INDEX (claim)
WHERE campaign_id = %(queue)s AND state = 'queued' AND route_trunk_id = %(id)s LIMIT 1
"""
ROUTED = """
SELECT 1 FROM campaign c JOIN message m FORCE INDEX (claim)
  ON m.campaign_id = c.id AND m.state = 'queued' AND m.route_trunk_id = %(id)s
WHERE c.open = 1 LIMIT 1"""
OF_SOURCE = "SELECT name FROM source WHERE trunk_id = %(id)s ORDER BY name LIMIT 1"
HIDE = """
UPDATE trunk SET removed = 1, active = 0, secrets = NULL, revision = revision + 1,
  name = CONCAT(LEFT(name, 67), ' (', id, ')'), changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""
DELETE = "DELETE FROM trunk WHERE id = %(id)s"
DELETE_SESSIONS = "DELETE FROM trunk_session WHERE trunk_id = %(id)s"
DELETE_TESTS = "DELETE FROM trunk_test WHERE trunk_id = %(id)s"
DELETE_USAGE = "DELETE FROM trunk_usage WHERE trunk_id = %(id)s"
DELETE_REFUSAL = "DELETE FROM provider_refusal WHERE trunk_id = %(id)s"
DELETE_FORM = "DELETE FROM receipt_id_form WHERE trunk_id = %(id)s"


def remove(tx: Transaction, trunk: Row, actor: Actor) -> None:
    """Removes a trunk; one that messages name stays hidden for their sake.

    Those that wait for it are given another one by the service.

    StoreError when an unfinished campaign or a source names it.
    """
    values = {"id": trunk["id"], "queue": OUTPUT_QUEUE_ID}
    campaign = tx.value(PINNED, values)
    if not campaign and tx.value(PINNED_MESSAGE, values):
        campaign = tx.value(QUEUE_NAME, values)
    if campaign:
        raise StoreError(
            Problem(
                "trunk_in_use",
                N_(
                    "The campaign %(campaign)s is to be sent through this trunk."
                    " Give the campaign another trunk or remove it first."
                ),
                campaign=campaign,
            )
        )
    if source := tx.value(OF_SOURCE, values):
        words = N_(
            "The campaigns of the automatic load %(source)s are sent through this"
            " trunk. Give it another trunk or remove it first."
        )
        raise StoreError(Problem("trunk_in_use", words, source=source))
    if tx.value(HAS_HISTORY, values) or tx.value(ROUTED, values):
        tx.execute(HIDE, values)
    else:
        tx.execute(DELETE_SESSIONS, values)
        tx.execute(DELETE, values)
    modem_states.forget(tx, trunk["id"])
    modem_balances.forget(tx, trunk["id"])
    tx.execute(DELETE_TESTS, values)
    tx.execute(DELETE_USAGE, values)
    tx.execute(DELETE_FORM, values)
    tx.execute(DELETE_REFUSAL, values)
    trunk_probes.forget(tx, trunk["id"])
    details = {"kind": trunk["kind"], "priority": trunk["priority"]}
    audit.record(tx, actor, "trunk.remove", trunk["name"], details)


def _read(row: Row) -> Row:
    row["settings"] = json.loads(row["settings"])
    row["active"] = bool(row["active"])
    row["append_country_code"] = bool(row["append_country_code"])
    rate = row["rate_per_s"]
    row["rate_per_s"] = float(rate) if isinstance(rate, Decimal) else rate
    row["caps"] = Caps(*(row[f"cap_{period}"] for period in PERIODS))
    return row


def _audited(draft: TrunkDraft) -> dict[str, object]:
    values = draft.params()
    del values["secrets"], values["settings"]
    new = {"password": "•••"} if draft.has_new_secrets else {}
    return {**values, **draft.settings, **new}
