"""What a mail says of a SIM card's balance; it goes where the daily report goes."""

from __future__ import annotations

from ..domain import results
from ..domain.settings import Settings
from ..languages import Speech
from ..store import mails
from ..store.db import Row, Transaction

KIND = "balance"
MARGIN = "    "


def put(tx: Transaction, settings: Settings, row: Row) -> None:
    """Puts the mail about a balance in the outbox; nothing when it has no recipient."""
    speech = Speech(settings.language, settings.time_zone)
    subject = speech.gettext("Balance of the trunk %(trunk)s", trunk=row["trunk"])
    if row["amount"] is not None:
        subject += f": {row['amount'].normalize():f}"
    mails.add(tx, KIND, settings.notices.report_to, subject, _body(speech, row))


def _body(speech: Speech, row: Row) -> str:
    facts = [
        (speech.gettext("Trunk"), row["trunk"]),
        (speech.gettext("Asked at"), speech.time(row["requested_at"])),
        (speech.gettext("SIM card (IMSI)"), row["imsi"]),
    ]
    lines = [f"{name}: {value}" for name, value in facts if value]
    why = results.words(row["result_code"], row["result_detail"])
    if why is not None:
        lines += ["", speech.say(why)]
    if row["answer"]:
        lines += ["", speech.gettext("The network's answer:"), MARGIN + row["answer"]]
    return "\n".join(lines) + "\n"
