"""A mail as it goes over the wire: headers, text, an attached table.

Nothing that somebody else wrote can become a header: control characters are taken
out, and email.message refuses line breaks besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from ..domain.mail_account import MailAccount

MOST_SUBJECT = 200
#: Lines end as SMTP wants them; everything is ASCII, whatever the server can take.
POLICY = policy.SMTP.clone(cte_type="7bit", max_line_length=78)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail says, and by what it is known: the same at every try."""

    key: str  # unique here, of letters, digits and dots
    written_at: datetime  # UTC
    subject: str
    body: str
    attachment: tuple[str, str] | None = None  # the name and text of a CSV file


def compose(letter: Letter, account: MailAccount, recipient: str) -> EmailMessage:
    """The message to hand over."""
    message = EmailMessage(policy=POLICY)
    sender = account.from_address
    message["From"] = Address(one_line(account.from_name), addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = one_line(letter.subject)[:MOST_SUBJECT]
    written_at = letter.written_at.replace(tzinfo=UTC)
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = message_id(letter, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers it
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    message.set_content(_lines(letter.body), cte="quoted-printable")
    if letter.attachment:
        name, text = letter.attachment
        message.add_attachment(
            text.encode(),
            maintype="text",
            subtype="csv",
            filename=one_line(name),
            params={"charset": "utf-8"},
        )
    return message


def message_id(letter: Letter, sender: str) -> str:
    """By this a mail that came twice is known; it does not change between tries."""
    moment = f"{letter.written_at:%Y%m%d%H%M%S%f}"
    return f"<{letter.key}.{moment}@{sender.rpartition('@')[2]}>"


def one_line(text: str) -> str:
    """A text as a header can carry it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _lines(text: str) -> str:
    """A text whose lines are lines and whose other characters can be seen."""
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        "".join(c if c.isprintable() else " " for c in one) for one in found
    )
