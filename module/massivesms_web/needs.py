"""What needs a decision: everything that waits for a person, as one list.

Each source looks at one kind of thing and says what it found, the worst first. A new
one is added to SOURCES; it gets one transaction and must look at no messages. That
all sending is off, or the service is down, stands above the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from massivesms.domain import mail_results, webhook_results
from massivesms.domain.permissions import Permission
from massivesms.domain.settings import Settings
from massivesms.domain.waiting import approval_waits
from massivesms.store import approvals, doubts, mails, receipts, webhooks
from massivesms.store.db import Transaction

from . import current, situation, trunk_states
from .language import at_most

DOUBTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person: its name, what it is about, where it is.

    `key` is its id on the page; without the permission there is no link.
    """

    key: str
    title: str
    text: str
    url: str
    permission: Permission
    is_grave: bool = False

    @property
    def link(self) -> str:
        """Where it is decided, for who may go there."""
        return self.url if current_user.may(self.permission) else ""


Source = Callable[[Transaction, Settings], Sequence[Need]]


def stopped_trunks(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """Trunks that the service has stopped: only a person can put them right."""
    return [
        Need(
            f"stopped-{trunk.row['id']}",
            _("The trunk %(name)s was stopped", name=trunk.row["name"]),
            trunk.words,
            url_for("trunks.show", trunk_id=trunk.row["id"]),
            Permission.TRUNKS,
            is_grave=True,
        )
        for trunk in trunk_states.all_now(tx)
        if trunk.state == "stopped"
    ]


def in_doubt(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """Messages without an answer, by campaign; of many campaigns, the first."""
    found = doubts.campaigns(tx, limit=DOUBTS_SHOWN + 1)
    needs = [
        Need(
            f"doubts-{row['id']}",
            situation.campaign_name(row["id"], row["name"]),
            _doubt_words(row["messages"]),
            url_for("campaigns.doubts.show", campaign_id=row["id"]),
            Permission.CAMPAIGNS,
        )
        for row in found[:DOUBTS_SHOWN]
    ]
    if needs:
        more = _("There are more campaigns with messages in doubt.")
        needs.append(
            Need(
                "all-doubts",
                _("See everything in doubt"),
                more if len(found) > DOUBTS_SHOWN else "",
                url_for("doubts.index"),
                Permission.CAMPAIGNS,
            )
        )
    return needs


def _doubt_words(messages: int) -> str:
    words: str = ngettext(
        "%(num)s message is in doubt: it left without an answer, and only the operator"
        " or you can say whether it arrived.",
        "%(num)s messages are in doubt: they left without an answer, and only the"
        " operator or you can say whether they arrived.",
        messages,
    )
    return words


def approval(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """Campaigns that wait for a second person; of many, the first."""
    why = current.say(approval_waits())
    return [
        Need(
            f"approval-{row['id']}",
            row["name"],
            why,
            url_for("campaigns.show", campaign_id=row["id"]),
            Permission.CAMPAIGNS,
        )
        for row in approvals.waiting(tx, limit=DOUBTS_SHOWN)
    ]


def orphans(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """Delivery receipts that met no message, all trunks together."""
    total = receipts.orphans_total(tx)
    if not total:
        return []
    words = ngettext(
        "%(n)s delivery receipt met no message: perhaps the operator writes the ids of"
        " messages otherwise, or another program sends through the same account.",
        "%(n)s delivery receipts met no message: perhaps the operator writes the ids of"
        " messages otherwise, or another program sends through the same account.",
        total,
        n=at_most(total, receipts.COUNTED_MOST),
    )
    return [
        Need(
            "orphans",
            _("Receipts without a message"),
            words,
            url_for("trunks.receipts.index"),
            Permission.TRUNKS,
        )
    ]


def mail(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """Mail that does not leave, or that was given up."""
    found = mails.trouble(tx)
    if found is None:
        return []
    waiting, failed = found["waiting"], found["failed"]
    counted = []
    if waiting:
        counted.append(ngettext("%(num)s mail waits.", "%(num)s mails wait.", waiting))
    if failed:
        given_up = ngettext(
            "%(num)s mail was given up.", "%(num)s mails were given up.", failed
        )
        counted.append(given_up)
    why = mail_results.words(found["error_code"], found["error_detail"])
    words = [*counted, current.say(why)] if why else counted
    return [
        Need(
            "mail",
            _("Mail does not leave") if waiting else _("Mail was given up"),
            " ".join(words),
            url_for("mail.show"),
            Permission.CONFIGURATION,
        )
    ]


def webhook(tx: Transaction, settings: Settings) -> Sequence[Need]:
    """A webhook whose target fails again and again, or that was stopped."""
    row = webhooks.trouble(tx)
    if row is None:
        return []
    code, detail = row["error_code"], row["error_detail"]
    why = webhook_results.words(row["stopped_code"] or code, detail)
    return [
        Need(
            "webhook",
            _("The webhook %(name)s does not arrive", name=row["name"]),
            current.say(why) if why else "",
            url_for("webhooks.show", webhook_id=row["id"]),
            Permission.CONFIGURATION,
        )
    ]


SOURCES: tuple[Source, ...] = (
    *(stopped_trunks, approval, in_doubt, orphans),
    *(mail, webhook),
)


def gather(tx: Transaction, settings: Settings) -> list[Need]:
    """Everything that needs a decision now, in the order of the sources."""
    return [need for source in SOURCES for need in source(tx, settings)]
