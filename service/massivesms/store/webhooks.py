"""Webhooks: the programs that are told of events, and how it goes with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..domain import webhooks as rules
from ..domain.campaigns import name_taken, not_found
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit, webhook_outbox
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

TAKEN_S = 60  # longer than a POST takes; then another service may go on
TROUBLED_AFTER = 3  # failures in a row


@dataclass(frozen=True, slots=True)
class Stored:
    """A webhook as it is to be stored; `secrets` is encrypted."""

    name: str
    url: str
    events: Sequence[str]
    with_texts: bool
    active: bool
    secrets: bytes
    header_names: Sequence[str] = ()
    has_new_headers: bool = False  # said in the audit, where they never are

    def params(self) -> dict[str, Any]:
        """Values for the statements below."""
        return {
            "name": self.name,
            "url": self.url,
            "events": ",".join(self.events),
            "with_texts": int(self.with_texts),
            "active": int(self.active),
            "secrets": self.secrets,
            "header_names": ", ".join(self.header_names)[:255],
        }


COLUMNS = """
id, name, url, events, with_texts, active, secrets, header_names, stopped_code,
failures, due_at, succeeded_at, error_code, error_detail, error_at, created_at,
changed_at"""
ALL = f"SELECT {COLUMNS} FROM webhook ORDER BY name"  # noqa: S608


def all_webhooks(tx: Transaction) -> list[Row]:
    """Every webhook by name; `events` is a list of kinds."""
    return [_read(row) for row in tx.rows(ALL)]


BY_ID = f"SELECT {COLUMNS} FROM webhook WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, webhook_id: int) -> Row | None:
    """One webhook or None."""
    row = tx.row(BY_ID, {"id": webhook_id})
    return _read(row) if row else None


BY_NAME = f"SELECT {COLUMNS} FROM webhook WHERE name = %(name)s"  # noqa: S608


def by_name(tx: Transaction, name: str) -> Row:
    """The webhook of that name; StoreError when there is none."""
    row = tx.row(BY_NAME, {"name": name})
    if row is None:
        raise StoreError(not_found("webhook", name))
    return _read(row)


HOW_MANY = "SELECT COUNT(*) FROM webhook"
INSERT = """
INSERT INTO webhook (name, url, events, with_texts, active, secrets, header_names,
                     due_at, created_at, changed_at)
VALUES (%(name)s, %(url)s, %(events)s, %(with_texts)s, %(active)s, %(secrets)s,
        %(header_names)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def create(tx: Transaction, new: Stored, actor: Actor) -> int:
    """Stores a new webhook; its id. StoreError when the name is taken."""
    if tx.value(HOW_MANY) >= rules.MOST_WEBHOOKS:
        words = N_("There are %(most)s webhooks already; more than that are refused.")
        problem = Problem("webhooks_many", words, most=rules.MOST_WEBHOOKS)
        raise StoreError(problem)
    with unique(name_taken("webhook", new.name)):
        webhook_id = tx.insert(INSERT, new.params())
    audit.record(tx, actor, "webhook.create", new.name, _audited(new.params()))
    tx.forget(webhook_outbox.WHICH)
    return webhook_id


UPDATE = """
UPDATE webhook SET name = %(name)s, url = %(url)s, events = %(events)s,
  with_texts = %(with_texts)s, active = %(active)s, secrets = %(secrets)s,
  header_names = %(header_names)s, stopped_code = NULL, failures = 0,
  due_at = UTC_TIMESTAMP(3), changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def update(tx: Transaction, webhook: Row, new: Stored, actor: Actor) -> None:
    """Changes a webhook; what waits goes to the new address, and at once."""
    with unique(name_taken("webhook", new.name)):
        tx.execute(UPDATE, {**new.params(), "id": webhook["id"]})
    old = {**webhook, "events": ",".join(webhook["events"])}
    details: dict[str, object] = {
        **audit.changes(_audited(old), _audited(new.params())),
    }
    if new.has_new_headers:
        details["header_names"] = ", ".join(new.header_names) or "-"
    audit.record(tx, actor, "webhook.change", new.name, details)
    tx.forget(webhook_outbox.WHICH)


def _audited(values: Row) -> dict[str, object]:
    names = ("name", "url", "events", "with_texts", "active", "header_names")
    found = {name: values[name] for name in names}
    found["url"] = str(values["url"]).partition("?")[0]  # what follows may be a key
    for name in ("with_texts", "active"):
        found[name] = bool(values[name])
    return found


SET_SECRETS = """
UPDATE webhook SET secrets = %(secrets)s, changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def renew_secret(tx: Transaction, webhook: Row, secrets: bytes, actor: Actor) -> None:
    """Another secret signs from now on."""
    tx.execute(SET_SECRETS, {"id": webhook["id"], "secrets": secrets})
    audit.record(tx, actor, "webhook.secret", webhook["name"])


SET_ACTIVE = """
UPDATE webhook SET active = %(active)s, stopped_code = NULL, failures = 0,
  due_at = UTC_TIMESTAMP(3), changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def set_active(tx: Transaction, webhook: Row, active: bool, actor: Actor) -> None:
    """Turns a webhook on or off; turning on also tries again at once."""
    tx.execute(SET_ACTIVE, {"id": webhook["id"], "active": int(active)})
    action = "webhook.enable" if active else "webhook.disable"
    details = {"active": [bool(webhook["active"]), active]}
    audit.record(tx, actor, action, webhook["name"], details)
    tx.forget(webhook_outbox.WHICH)


REMOVE = "DELETE FROM webhook WHERE id = %(id)s"


def remove(tx: Transaction, webhook: Row, actor: Actor) -> None:
    """Removes a webhook; its events and its log go by the service's housekeeping."""
    tx.execute(REMOVE, {"id": webhook["id"]})
    details = {"url": str(webhook["url"]).partition("?")[0]}
    audit.record(tx, actor, "webhook.remove", webhook["name"], details)
    tx.forget(webhook_outbox.WHICH)


DUE_NOW = "UPDATE webhook SET due_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"


def try_now(tx: Transaction, webhook_id: int) -> None:
    """The next try comes at once."""
    tx.execute(DUE_NOW, {"id": webhook_id})


TROUBLE = f"""
SELECT id, name, active, failures, stopped_code, error_code, error_detail, error_at
FROM webhook
WHERE (active = 1 AND failures >= {TROUBLED_AFTER}) OR stopped_code IS NOT NULL
ORDER BY error_at DESC LIMIT 1"""  # noqa: S608


def trouble(tx: Transaction) -> Row | None:
    """The webhook that failed last and again and again, or None: for Home."""
    return tx.row(TROUBLE)


WITH_WORK = f"""
SELECT w.id FROM webhook w
WHERE w.active = 1 AND w.due_at <= UTC_TIMESTAMP(3)
  AND (w.taken_by IN ('', %(owner)s) OR w.taken_at IS NULL
       OR w.taken_at < UTC_TIMESTAMP(3) - INTERVAL {TAKEN_S} SECOND)
  AND (EXISTS (SELECT 1 FROM webhook_event e
          WHERE e.webhook_id = w.id AND e.delivery_id = 0)
  OR EXISTS (SELECT 1 FROM webhook_delivery d
             WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.aside = 0)
  OR EXISTS (SELECT 1 FROM webhook_delivery d
             WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.aside = 1
               AND d.due_at <= UTC_TIMESTAMP(3)))"""  # noqa: S608


def with_work(tx: Transaction, owner: str) -> list[int]:
    """Webhooks to which a service can post something now."""
    return [webhook_id for (webhook_id,) in tx.tuples(WITH_WORK, {"owner": owner})]


HOLD = f"""
SELECT {COLUMNS} FROM webhook
WHERE id = %(id)s AND active = 1 AND due_at <= UTC_TIMESTAMP(3)
  AND (taken_by IN ('', %(owner)s) OR taken_at IS NULL
       OR taken_at < UTC_TIMESTAMP(3) - INTERVAL {TAKEN_S} SECOND)
FOR UPDATE"""  # noqa: S608
TAKE = """
UPDATE webhook SET taken_by = %(owner)s, taken_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def take(tx: Transaction, webhook_id: int, owner: str) -> Row | None:
    """The webhook when it is this service's turn to post to it; else None."""
    values = {"id": webhook_id, "owner": owner}
    row = tx.row(HOLD, values)
    if row is not None:
        tx.execute(TAKE, values)
    return _read(row) if row else None


LEAVE = """
UPDATE webhook SET taken_by = '', taken_at = NULL
WHERE id = %(id)s AND taken_by = %(owner)s"""


def leave(tx: Transaction, webhook_id: int, owner: str) -> None:
    """Another service may go on."""
    tx.execute(LEAVE, {"id": webhook_id, "owner": owner})


SUCCEEDED = """
UPDATE webhook SET failures = 0, succeeded_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"""


def succeeded(tx: Transaction, webhook_id: int) -> None:
    """The target took a delivery."""
    tx.execute(SUCCEEDED, {"id": webhook_id})


FAILED = """
UPDATE webhook SET failures = failures + 1, error_code = %(code)s,
  error_detail = %(detail)s, error_at = UTC_TIMESTAMP(3),
  due_at = UTC_TIMESTAMP(3) + INTERVAL %(retry_s)s SECOND
WHERE id = %(id)s"""
STOP = """
UPDATE webhook SET active = 0, stopped_code = %(code)s WHERE id = %(id)s"""


def failed(
    tx: Transaction, webhook_id: int, code: str, detail: str, retry_s: int
) -> None:
    """The target did not take a delivery; the next try is in so many seconds."""
    values = {"id": webhook_id, "code": code, "detail": detail[:255]}
    tx.execute(FAILED, {**values, "retry_s": retry_s})
    if code == "gone":
        tx.execute(STOP, values)
        tx.forget(webhook_outbox.WHICH)


IDS = "SELECT id FROM webhook ORDER BY id"


def ids(tx: Transaction) -> list[int]:
    """Every webhook, turned on or off."""
    return [webhook_id for (webhook_id,) in tx.tuples(IDS)]


def _read(row: Row) -> Row:
    """Adds what Python wants otherwise."""
    kinds = row["events"].split(",")
    flags = {name: bool(row[name]) for name in ("active", "with_texts")}
    return {**row, **flags, "events": [kind for kind in kinds if kind]}
