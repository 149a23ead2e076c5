"""What a mail says of incoming messages.

What people wrote is set in from the margin, so that nobody's text looks like ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.handled import SENTENCES
from ..domain.incoming_kinds import CALL, CALLED
from ..domain.words import N_
from ..languages import Speech
from ..store.db import Row

MARGIN = "    "
DEALT_WITH = N_("It was dealt with automatically (%(how)s).")


def subject(speech: Speech, rows: Sequence[Row], more: int = 0) -> str:
    """The subject of a mail about one message or several."""
    if len(rows) == 1 and not more:
        sender = rows[0]["number"] or rows[0]["sender"]
        if rows[0]["kind"] == CALL:
            sender = sender or speech.gettext("an unknown sender")
            return speech.gettext("Call from %(sender)s", sender=sender)
        return speech.gettext("Incoming message from %(sender)s", sender=sender)
    n = len(rows) + more
    return speech.ngettext(
        "%(num)s incoming message", "%(num)s incoming messages", n, num=speech.number(n)
    )


def body(
    speech: Speech, rows: Sequence[Row], more: int = 0, *, with_last: bool = True
) -> str:
    """The text of a mail about some messages, and about `more` that it only counts."""
    texts = [_one(speech, row, with_last=with_last) for row in rows]
    if more:
        said = speech.ngettext(
            "%(num)s more has come: it is on the page Incoming.",
            "%(num)s more have come: they are on the page Incoming.",
            more,
            num=speech.number(more),
        )
        texts.append(said)
    return "\n\n----------\n\n".join(texts) + "\n"


def _one(speech: Speech, row: Row, *, with_last: bool) -> str:
    facts = [
        (speech.gettext("From"), row["number"] or row["sender"]),
        (speech.gettext("To"), row["recipient"]),
        (speech.gettext("Received"), speech.time(row["received_at"])),
        (speech.gettext("Trunk"), row["trunk"] or ""),
    ]
    lines = [f"{name}: {_line(value)}" for name, value in facts if value]
    is_call = row["kind"] == CALL
    lines += ["", speech.gettext(CALLED) if is_call else _set_in(row["text"])]
    if row["incomplete"]:
        lines += ["", speech.gettext("Parts of this message never came.")]
    if row["handled"]:
        words = SENTENCES.get(row["handled"])
        said = speech.gettext(words) if words else ""
        lines += ["", said or speech.gettext(DEALT_WITH, how=row["handled"])]
    if with_last and row["last_number"]:
        lines += ["", *_last(speech, row)]
    return "\n".join(lines)


def _last(speech: Speech, row: Row) -> list[str]:
    """The last message that was sent to that number before."""
    is_queue = row["campaign_id"] == OUTPUT_QUEUE_ID
    name = speech.gettext("Output queue") if is_queue else _line(row["campaign"] or "")
    head = speech.gettext("The last message sent to this number")
    facts = [head + ":", f"{speech.gettext('Campaign')}: {name}"]
    if row["last_at"]:
        facts.append(f"{speech.gettext('Sent')}: {speech.time(row['last_at'])}")
    return [*facts, "", _set_in(row["last_text"] or "")]


def _line(text: str) -> str:
    return " ".join(str(text).split())


def _set_in(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(MARGIN + line for line in lines)
