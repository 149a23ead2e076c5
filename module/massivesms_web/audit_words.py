"""The details of a change in words: what was so before, and what it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from massivesms.domain import calls, mail_account
from massivesms.domain.settings import SETTINGS
from massivesms.domain.trunk_kinds import KINDS
from massivesms.domain.words import N_

from . import call_words

NOUNS: Mapping[str, str] = {
    "answer.": N_("Keyword answers"),
    "backup.": N_("Backups"),
    "blocked.": N_("Blocked numbers"),
    "campaign.": N_("Campaigns"),
    "configuration.": N_("Configuration"),
    "holiday.": N_("Holidays"),
    "import.": N_("Imports"),
    "inbound.": N_("Incoming messages"),
    "list.": N_("Lists"),
    "load.": N_("Call records"),
    "wizard.": N_("Loads of files"),
    "log.": N_("Event log"),
    "mail.": N_("Mail"),
    "message.": N_("Messages"),
    "metrics.": N_("Metrics"),
    "number.": N_("Personal data"),
    "pbx_group.": N_("PBX groups"),
    "role.": N_("Roles"),
    "source.": N_("Automatic loads"),
    "takeover.": N_("Takeover"),
    "template.": N_("Templates"),
    "timetable.": N_("Timetables"),
    "trunk.": N_("Trunks"),
    "user.": N_("Users"),
    "webhook.": N_("Webhooks"),
}
#: The names of details; those of settings and of trunks are their own.
NAMES: Mapping[str, str] = {
    "accepted": N_("Accepted"),
    "active": N_("Turned on"),
    "append_country_code": N_("Append the country code"),
    "base_name": N_("Name of the campaigns"),
    "campaign": N_("Campaign"),
    "cancelled": N_("Cancelled"),
    "cap_day": N_("Limit a day"),
    "cap_hour": N_("Limit an hour"),
    "cap_minute": N_("Limit a minute"),
    "cap_month": N_("Limit a month"),
    "cost_per_segment": N_("Price of a segment"),
    "counts": N_("Messages"),
    "deadline_at": N_("Deadline (UTC)"),
    "deliveries": N_("Deliveries"),
    "database_name": N_("Database"),
    "day": N_("Date of the data"),
    "days": N_("Days"),
    "description": N_("Description"),
    "duplicates": N_("Duplicates"),
    "events": N_("Events"),
    "excluded": N_("Excluded"),
    "fields": N_("Fields"),
    "header_names": N_("Own headers"),
    "format": N_("Format"),
    "host": N_("Server"),
    "hours": N_("Sending hours"),
    "ids": N_("Message ids"),
    "in_doubt": N_("When no answer comes"),
    "inbound_id": N_("Incoming message"),
    "included": N_("Included"),
    "key_column": N_("Column that tells rows apart"),
    "keyword": N_("Keyword"),
    "keeps_holidays": N_("Not on holidays"),
    "kind": N_("Type"),
    "list": N_("List"),
    "lists": N_("Lists"),
    "incoming": N_("Incoming"),
    "made_at": N_("Made"),
    "mail_to": N_("Summary to"),
    "mails": N_("Mails"),
    "matching": N_("Where the keyword stands"),
    "message_id": N_("Message id"),
    "seen": N_("Seen on the phone as"),
    "messages": N_("Messages"),
    "most_rows": N_("Most rows"),
    "name": N_("Name"),
    "number": N_("Number"),
    "number_column": N_("Column of the numbers"),
    "numbers": N_("Numbers"),
    "on_their_way": N_("Being sent"),
    "only_campaign": N_("Campaign"),
    "only_detail": N_("Operator's error"),
    "only_done": N_("What was done"),
    "only_from": N_("From"),
    "only_import": N_("Import"),
    "only_number": N_("Number"),
    "only_result": N_("Result"),
    "only_source": N_("Source"),
    "only_state": N_("State"),
    "only_text": N_("Text"),
    "only_to": N_("To"),
    "only_trunk": N_("Trunk"),
    "only_user": N_("User"),
    "password": N_("Password"),
    "paused": N_("Paused"),
    "permanent": N_("Permanent"),
    "permissions": N_("May open"),
    "place": N_("Place"),
    "port": N_("Port"),
    "prefixes": N_("Numbers served"),
    "priority": N_("Priority"),
    "query": N_("Calls"),
    "rate_per_s": N_("Speed limit"),
    "reason": N_("Reason"),
    "recipients": N_("To"),
    "refused": N_("Refused"),
    "role": N_("Role"),
    "rows": N_("Rows of loads"),
    "run": N_("Run"),
    "run_at": N_("At"),
    "secrets": N_("Password or headers"),
    "send_on": N_("Send on"),
    "sender_id": N_("Sender"),
    "size": N_("Bytes"),
    "source": N_("Origin"),
    "sql": N_("Query"),
    "start_at": N_("Start (UTC)"),
    "state": N_("State"),
    "text": N_("Message"),
    "time_zone": N_("Time zone"),
    "times": N_("Times"),
    "timeout_s": N_("Seconds that it may take"),
    "timetable": N_("Timetable"),
    "tls": N_("Only encrypted, with a valid certificate"),
    "trunk": N_("Trunk"),
    "url": N_("Address"),
    "user_name": N_("User"),
    "words": N_("Keywords"),
    "with_keys": N_("With the keys"),
    "with_texts": N_("With texts"),
}
OF_TRUNKS = {one.key: one.label for kind in KINDS.values() for one in kind.settings}
OF_MAIL = {one.key: one.label for one in mail_account.SETTINGS}
NEVER_SET = "–"


@dataclass(frozen=True, slots=True)
class Detail:
    """One fact of a change, or what something was before (None: no change)."""

    name: str
    value: str
    before: str | None = None

    def __str__(self) -> str:
        change = self.value if self.before is None else f"{self.before} → {self.value}"
        return f"{self.name}: {change}"


def details(stored: Mapping[str, object]) -> list[Detail]:
    """What the store keeps of a change, in words; facts that say nothing left out."""
    found = []
    for name, value in stored.items():
        called = label(name)
        if name == "query" and isinstance(value, Mapping):
            found.append(Detail(called, call_words.words(calls.from_json(value))))
        elif isinstance(value, list) and len(value) == 2 and name != "ids":
            found.append(Detail(called, _value(value[1]), _value(value[0])))
        elif value not in (None, "", {}, []):
            found.append(Detail(called, _value(value)))
    return found


def noun(prefix: str) -> str:
    """What the actions of a noun are about; "list." for lists."""
    return gettext(NOUNS[prefix]) if prefix in NOUNS else prefix.rstrip(".")


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A stored moment as spreadsheets read it, in the configured zone."""
    return f"{moment.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def label(name: str) -> str:
    """What a detail or a setting is called."""
    words = NAMES.get(name) or OF_TRUNKS.get(name) or OF_MAIL.get(name)
    if words is None and name in SETTINGS:
        words = SETTINGS[name][1]
    return gettext(words) if words else name.replace("_", " ")


def _value(value: object) -> str:
    if value is None or value == "":
        return NEVER_SET
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_value(v)}" for key, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return str(value)
