"""The log of changes: who did what, when and from where. It is only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_babel import gettext

from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_
from massivesms.store import audit
from massivesms.store.audit import Filter
from massivesms.store.db import Row

from .. import audit_words, csv_files, current
from ..access import requires
from ..keys import key, read_day

blueprint = Blueprint("audit", __name__, url_prefix="/configuration/log")

PAGE_ROWS = 50

#: What the store writes -> what people read.
ACTIONS: Mapping[str, str] = {
    "campaign.approve": N_("Campaign approved"),
    "campaign.bulk": N_("Bulk file loaded into campaigns"),
    "campaign.create": N_("Campaign created"),
    "campaign.change": N_("Campaign changed"),
    "campaign.rules": N_("Campaign's deadline, days, priority or policy changed"),
    "campaign.end_permanent": N_("Permanent campaign ended"),
    "campaign.discard": N_("What a campaign had not sent discarded"),
    "campaign.stop": N_("Campaign stopped"),
    "campaign.resume": N_("Campaign resumed"),
    "campaign.remove": N_("Campaign removed"),
    "campaign.resend": N_("Messages in doubt sent again"),
    "campaign.assume_sent": N_("Messages in doubt taken as sent"),
    "configuration.change": N_("Configuration changed"),
    "import.undo": N_("What an import brought deleted"),
    "list.create": N_("List created"),
    "list.change": N_("List changed"),
    "list.load": N_("Numbers loaded into a list"),
    "list.add": N_("Number added to a list"),
    "list.change_contact": N_("Contact of a list changed"),
    "list.take_out": N_("Number taken out of a list"),
    "list.export": N_("Numbers of a list exported"),
    "list.exclude": N_("Number excluded"),
    "list.include": N_("Number included"),
    "list.exclude_blocked": N_("Blocked numbers excluded from a list"),
    "list.include_blocked": N_("Blocked numbers of a list in use again"),
    "list.remove": N_("List removed"),
    "answer.create": N_("Keyword answer created"),
    "answer.change": N_("Keyword answer changed"),
    "answer.remove": N_("Keyword answer removed"),
    "blocked.opt_out": N_("A number opted out"),
    "blocked.opt_in": N_("A number came back"),
    "blocked.add": N_("Numbers blocked"),
    "blocked.load": N_("File of blocked numbers loaded"),
    "blocked.remove": N_("Number taken off the blocked ones"),
    "blocked.export": N_("Blocked numbers exported"),
    "inbound.export": N_("Incoming messages exported"),
    "log.empty": N_("Event log emptied"),
    "load.start": N_("Load from the call records begun"),
    "load.cancel": N_("Load from the call records cancelled"),
    "wizard.cancel": N_("Load of a file stopped"),
    "mail.change": N_("Mail account changed"),
    "mail.remove": N_("Mail account removed"),
    "mail.test": N_("Mail account tried"),
    "mail.retry": N_("Mail tried again"),
    "mail.discard": N_("Mail thrown away"),
    "mail.report": N_("Daily report sent"),
    "message.send": N_("Message sent"),
    "message.cancel": N_("Message cancelled"),
    "message.export": N_("Messages exported"),
    "message.export_cancel": N_("Export of messages stopped"),
    "number.erase": N_("Number erased everywhere"),
    "number.admit": N_("Erased number let in again"),
    "role.create": N_("Role created"),
    "role.change": N_("Role changed"),
    "role.remove": N_("Role removed"),
    "timetable.create": N_("Timetable created"),
    "timetable.change": N_("Timetable changed"),
    "timetable.remove": N_("Timetable removed"),
    "holiday.add": N_("Holiday added or renamed"),
    "holiday.remove": N_("Holiday removed"),
    "takeover.run": N_("Taken over from the original module"),
    "backup.make": N_("Backup made"),
    "backup.restore": N_("Backup restored"),
    "template.create": N_("Template created"),
    "template.change": N_("Template changed"),
    "template.remove": N_("Template removed"),
    "trunk.create": N_("Trunk created"),
    "trunk.change": N_("Trunk changed"),
    "trunk.enable": N_("Trunk turned on"),
    "trunk.disable": N_("Trunk turned off"),
    "trunk.test": N_("Trunk tried"),
    "trunk.balance": N_("Balance of a SIM card asked for"),
    "trunk.search": N_("Modems looked for"),
    "trunk.probe": N_("Probe sent"),
    "trunk.probe_seen": N_("Result of a probe noted"),
    "trunk.remove": N_("Trunk removed"),
    "metrics.token": N_("Token of the metrics made"),
    "metrics.close": N_("Metrics closed"),
    "source.create": N_("Source created"),
    "source.change": N_("Source changed"),
    "source.disable": N_("Source turned off"),
    "source.enable": N_("Source turned on"),
    "source.run": N_("Load from a source started"),
    "source.remove": N_("Source removed"),
    "webhook.create": N_("Webhook created"),
    "webhook.change": N_("Webhook changed"),
    "webhook.enable": N_("Webhook turned on"),
    "webhook.disable": N_("Webhook turned off"),
    "webhook.test": N_("Webhook tried"),
    "webhook.secret": N_("Secret of a webhook replaced"),
    "webhook.retry": N_("Deliveries to a webhook tried again"),
    "webhook.discard": N_("Deliveries to a webhook discarded"),
    "webhook.remove": N_("Webhook removed"),
    "user.create": N_("User created"),
    "user.role": N_("Role of a user changed"),
    "user.enable": N_("User let in"),
    "user.disable": N_("User shut out"),
    "user.password": N_("Password changed"),
    "user.language": N_("Language of a user changed"),
    "user.remove": N_("User removed"),
    "user.sign_in": N_("Signed in"),
    "user.sign_out": N_("Signed out"),
    "pbx_group.role": N_("Role of a PBX group changed"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change as the page shows it."""

    row: Row
    what: str
    subject: str
    details: list[audit_words.Detail]


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """The newest changes of the address's filters; before an id on the next page."""
    wanted = _wanted()
    before = request.args.get("before", type=key)
    with current.db().transaction() as tx:
        rows = audit.page(tx, wanted, before=before, limit=PAGE_ROWS + 1)
        users = audit.users(tx)
    return render_template(
        "audit/index.html",
        changes=[_change(row) for row in rows[:PAGE_ROWS]],
        next_before=rows[PAGE_ROWS - 1]["id"] if len(rows) > PAGE_ROWS else None,
        users=users,
        actions=_offered(),
        chosen={name: request.args.get(name, "") for name in FILTERS},
        is_filtered=wanted != Filter(),
    )


@blueprint.get("/changes.csv")
@requires(Permission.CONFIGURATION)
def download() -> Response:
    """All changes of the address's filters, as a file."""
    wanted = _wanted()
    answer = Response(stream_with_context(_csv(wanted)), mimetype="text/csv")
    name = gettext("changes.csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


FILTERS = ("user", "action", "text", "from", "to")


def _wanted() -> Filter:
    """The filters of the address; what makes no sense counts as absent."""
    chosen = request.args
    action = chosen.get("action", "")
    start, end = read_day(chosen.get("from")), read_day(chosen.get("to"))
    zone = current.settings().time_zone
    return Filter(
        user=chosen.get("user", "")[:64],
        action=action if action in ACTIONS or action in _nouns() else "",
        subject=chosen.get("text", "").strip()[:160],
        start=datetime.combine(start, time(), zone) if start else None,
        end=datetime.combine(end + timedelta(days=1), time(), zone) if end else None,
    )


def _nouns() -> dict[str, list[str]]:
    """ "list." -> the actions on lists."""
    found: dict[str, list[str]] = {}
    for action in ACTIONS:
        found.setdefault(action.partition(".")[0] + ".", []).append(action)
    return found


def _offered() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(noun, its word, its actions with their words), to choose from."""
    return [
        (noun, audit_words.noun(noun), [(action, words(action)) for action in actions])
        for noun, actions in _nouns().items()
    ]


def _change(row: Row) -> Change:
    details = audit_words.details(row["details"])
    return Change(row, words(row["action"]), _subject(row), details)


def _subject(row: Row) -> str:
    """What was changed, by its name; settings by what people know them as."""
    subject: str = row["subject"]
    if row["action"] != "configuration.change":
        return subject
    return ", ".join(audit_words.label(name) for name in subject.split(", "))


def _csv(wanted: Filter) -> Iterator[str]:
    """Lines of a file for spreadsheets."""
    columns = ("When", "Who", "From", "What", "Name", "Details")
    head = [gettext(column) for column in columns]
    zone = current.settings().time_zone
    rows = (_cells(row, zone) for row in audit.every(current.db(), wanted))
    return csv_files.lines(head, rows)


def _cells(row: Row, zone: ZoneInfo) -> tuple[str, ...]:
    at = audit_words.local(row["at"], zone)
    who = (row["user_name"], row["address"])
    said = "; ".join(map(str, audit_words.details(row["details"])))
    return (at, *who, words(row["action"]), _subject(row), said)


def words(action: str) -> str:
    """The sentence of an action; its code when it has none."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action
