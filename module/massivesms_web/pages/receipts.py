"""Receipts without a message, and what trunks received and nobody understood.

Both are only shown: the service matches receipts, and forgets them after a while.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from massivesms.domain.http_kind import HTTP
from massivesms.domain.permissions import Permission
from massivesms.domain.receipt_ids import form_words
from massivesms.domain.smpp_kind import SMPP, finds_receipt_ids
from massivesms.domain.trunk_kinds import complete
from massivesms.domain.words import N_
from massivesms.store import (
    provider_refusals,
    receipt_id_forms,
    receipts,
    trunks,
    unreadable,
)
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..keys import key
from ..language import at_most, number

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")

PAGE = 50
KIND_LABELS = {
    "receipt": N_("Delivery receipt"),
    "message": N_("Incoming message"),
    "pdu": N_("Not readable at all"),
}
#: Why a call for a trunk was refused, as store/provider_refusals.py has it.
REFUSED = {
    "signature": N_(
        "It was not signed with the trunk's secret and address: compare both with what"
        " the provider was told."
    ),
    "token": N_("The token at the end of its address was another one."),
    "verify_token": N_("The token to verify the address was another one."),
}
MOST_TEXT = 160  # characters of what a provider said
MOST_SHOWN = 64  # octets of a row; the whole of it unfolds


@dataclass(frozen=True, slots=True)
class Facts:
    """What a trunk's page says of its receipts, in words."""

    ids: str
    orphans: int
    orphans_words: str
    unreadable: int
    unreadable_last: object
    unreadable_text: str = ""  # the beginning of the last one, of an HTTP trunk
    calls_at: str = ""  # where the provider of an HTTP trunk is to call
    refused: int = 0  # calls that were not the provider's
    refused_words: str = ""
    refused_last: object = None


@blueprint.get("/")
@requires(Permission.TRUNKS)
def index() -> str:
    """Receipts without a message, the newest first; with ?trunk= of one trunk."""
    trunk_id, before = _asked()
    with current.db().transaction() as tx:
        rows = receipts.orphans(tx, trunk_id=trunk_id, before=before, limit=PAGE + 1)
        total = receipts.orphans_total(tx, trunk_id)
        names = trunks.names(tx)
    return render_template(
        "receipts/index.html",
        **_list(rows, names, trunk_id, "trunks.receipts.index"),
        total=total,
        total_words=at_most(total, receipts.COUNTED_MOST),
        keep_h=receipts.KEEP_H,
    )


@blueprint.get("/not-understood")
@requires(Permission.TRUNKS)
def not_understood() -> str:
    """What nobody understood, as it came, the newest first."""
    trunk_id, before = _asked()
    with current.db().transaction() as tx:
        rows = unreadable.last(tx, trunk_id=trunk_id, before=before, limit=PAGE + 1)
        names = trunks.names(tx)
    return render_template(
        "receipts/not_understood.html",
        **_list(rows, names, trunk_id, "trunks.receipts.not_understood"),
        kinds=KIND_LABELS,
        readable=readable,
        most_shown=MOST_SHOWN,
        keep_days=unreadable.KEEP_DAYS,
    )


def readable(octets: bytes) -> str:
    """What of octets a person can read; a dot for each of the others."""
    return "".join(chr(c) if 32 <= c < 127 else "·" for c in octets)


def _asked() -> tuple[int | None, int | None]:
    return request.args.get("trunk", type=key), request.args.get("before", type=key)


def _list(
    rows: list[Row], names: dict[int, str], trunk_id: int | None, endpoint: str
) -> dict[str, object]:
    """What both pages are made of."""
    more = len(rows) > PAGE
    before = rows[PAGE - 1]["id"] if more else None
    next_url = url_for(endpoint, trunk=trunk_id, before=before) if more else ""
    is_later = "before" in request.args
    return {
        "rows": rows[:PAGE],
        "trunk_names": names,
        "trunk_id": trunk_id,
        "endpoint": endpoint,
        "next_url": next_url,
        "previous_url": url_for(endpoint, trunk=trunk_id) if is_later else "",
    }


def facts(tx: Transaction, trunk: Row) -> Facts | None:
    """What a trunk's page says of its receipts; None for one that has none."""
    if trunk["kind"] not in (SMPP.name, HTTP.name):
        return None
    refused = provider_refusals.of_trunk(tx, trunk["id"]) or {}
    orphans = receipts.orphans_total(tx, trunk["id"])
    unread = unreadable.totals(tx, trunk["id"])
    return Facts(
        ids=_ids_words(tx, trunk),
        orphans=orphans,
        orphans_words=at_most(orphans, receipts.COUNTED_MOST),
        unreadable=sum(row["total"] for row in unread),
        unreadable_last=max((row["last_at"] for row in unread), default=None),
        unreadable_text=_last_text(tx, trunk),
        calls_at=_calls_at(trunk),
        refused=refused.get("times", 0),
        refused_words=_(REFUSED[refused["why"]]) if refused else "",
        refused_last=refused.get("last_at"),
    )


def _calls_at(trunk: Row) -> str:
    """The address to be told to a provider that calls, as this browser has it."""
    settings = complete(trunk["kind"], trunk["settings"])
    how = settings.get("receipts", "none")
    if how == "twilio":
        return settings["receipts_url"]
    if how not in ("whatsapp", "call"):
        return ""
    address = url_for("provider_calls.take", trunk_id=trunk["id"], _external=True)
    return address + ("/TOKEN" if how == "call" else "")


def _last_text(tx: Transaction, trunk: Row) -> str:
    """What an HTTP provider said that nobody understood; secrets are masked in it."""
    if trunk["kind"] != HTTP.name:
        return ""
    rows = unreadable.last(tx, trunk_id=trunk["id"], limit=1)
    text = bytes(rows[0]["octets"]).decode("utf-8", "replace") if rows else ""
    return text[:MOST_TEXT]


def _ids_words(tx: Transaction, trunk: Row) -> str:
    if trunk["kind"] == HTTP.name:
        return _("as the provider writes them")
    if not finds_receipt_ids(trunk["kind"], trunk["settings"]):
        (setting,) = (s for s in SMPP.settings if s.key == "receipt_ids")
        chosen = complete(trunk["kind"], trunk["settings"])["receipt_ids"]
        return _("set: %(form)s", form=_(dict(setting.choices)[chosen]))
    row = receipt_id_forms.of_trunk(tx, trunk["id"])
    if row is None:
        return _("not known yet")
    n = int(row["receipts"])
    found = ngettext(
        "found from %(n)s receipt", "found from %(n)s receipts", n, n=number(n)
    )
    return f"{_(form_words(row['form']))}; {found}"
