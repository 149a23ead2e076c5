"""What the pages of automatic loads ask; domain.sources says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain import sources as rules
from massivesms.domain.schedule import SendingHours, read_hours
from massivesms.domain.sources import DAY_LABELS, KIND_LABELS, Draft
from massivesms.domain.webhooks import read_headers
from massivesms.domain.words import N_, Problem
from massivesms.store.db import Row

from .fields import DayField, HourField, LineField, MessageField, TrunkField


class SourceForm(FlaskForm):
    """A source. Its password and headers are written and never shown again."""

    name = LineField(_("Name"))
    kind = SelectField(_("Where the rows come from"), validate_choice=False)
    place = LineField(_("File, directory or address"))
    host = LineField(_("Server"))
    port = LineField(_("Port"))
    user = LineField(_("User"))
    password = PasswordField(_("Password"))
    database = LineField(_("Database"))
    tls = BooleanField(_("Only encrypted, with a valid certificate"))
    headers = TextAreaField(_("Own headers"))
    query = TextAreaField(_("Query"))
    number_column = LineField(_("Column of the numbers"))
    key_column = LineField(_("Column that tells rows apart"))
    text = MessageField(_("Message"), render_kw={"rows": 4})
    active = BooleanField(_("Turned on"), default=True)
    run_at = HourField(_("At"), default="08:00")
    days = SelectMultipleField(
        _("Days"),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        coerce=int,
        default=list(rules.EVERY_DAY),
        validate_choice=False,
    )
    most_rows = LineField(_("Most rows"), default=str(rules.USUAL_ROWS))
    timeout_s = LineField(_("Seconds that it may take"), default="60")
    campaign = LineField(_("Name of the campaigns"))
    trunk_id = TrunkField(_("Trunk"), default=0)
    sender_id = LineField(_("Sender"))
    hours_from = HourField(_("From"))
    hours_to = HourField(_("To"))
    paused = BooleanField(_("Campaigns wait until somebody resumes them"))
    mail_to = LineField(_("Send a summary to"))

    def offer(self, trunks: list[Row]) -> None:
        """Sets what can be chosen, in the reader's language."""
        self.kind.choices = [(k, gettext(label)) for k, label in KIND_LABELS.items()]
        self.days.choices = [(n, gettext(day)) for n, day in enumerate(DAY_LABELS)]
        self.trunk_id.offer_trunks(trunks)

    def fill(self, row: Row) -> None:
        """Shows a stored source."""
        for name in (
            *("name", "kind", "place", "host", "tls", "query", "number_column"),
            *("key_column", "text", "active", "days", "most_rows", "timeout_s"),
            *("campaign", "sender_id", "paused", "mail_to"),
        ):
            self[name].data = row[name]
        self.port.data = row["port"] or ""
        self.user.data, self.database.data = row["user_name"], row["database_name"]
        self.trunk_id.data = row["trunk_id"] or 0
        self.run_at.data = f"{row['run_at']:%H:%M}"
        if row["hours"]:
            self.hours_from.data = f"{row['hours'].start:%H:%M}"
            self.hours_to.data = f"{row['hours'].end:%H:%M}"

    def entered(self) -> tuple[Draft, dict[str, Problem]]:
        """What was entered, and what of it cannot be read, by field."""
        problems: dict[str, Problem] = {}

        def kept(name: str, value: object | Problem) -> object:
            if isinstance(value, Problem):
                problems[name] = value
            return value

        run_at = kept("run_at", _clock(self.run_at.data))
        hours = kept("hours_to", _hours(self.hours_from.data, self.hours_to.data))
        headers = None
        if (self.headers.data or "").strip():
            headers = kept("headers", read_headers(self.headers.data or ""))
        mails = ", ".join(
            filter(None, (self.mail_to.data or "").replace(",", " ").split())
        )
        draft = Draft(
            name=self.name.data,
            kind=self.kind.data,
            place=self.place.data,
            host=self.host.data,
            port=_whole(self.port.data) if self.port.data else None,
            user=self.user.data,
            database=self.database.data,
            tls=bool(self.tls.data),
            password=self.password.data or None,
            headers=headers if isinstance(headers, Mapping) else None,
            query=self.query.data or "",
            number_column=self.number_column.data,
            key_column=self.key_column.data,
            text=self.text.data if self.text.data.strip() else "",
            active=bool(self.active.data),
            run_at=run_at if isinstance(run_at, time) else time(8),
            days=self.days.data or (),
            most_rows=_whole(self.most_rows.data),
            timeout_s=_whole(self.timeout_s.data),
            campaign=self.campaign.data,
            trunk_id=self.trunk_id.chosen_id,
            sender_id=self.sender_id.data,
            hours=hours if isinstance(hours, SendingHours) else None,
            paused=bool(self.paused.data),
            mail_to=mails,
        )
        return draft, problems


class RunForm(FlaskForm):
    """A run by hand: the day that is asked for, and the day of sending."""

    day = DayField(_("Date of the data"))
    send_on = DayField(_("Send on"))

    def dates(self, today: date) -> tuple[date, date] | dict[str, Problem]:
        """Both dates, today where none is entered; or what is wrong, by field."""
        problems: dict[str, Problem] = {}
        found = []
        for field in (self.day, self.send_on):
            try:
                text = field.data or today.isoformat()
                found.append(date.fromisoformat(text))
            except ValueError:
                words = N_("Write the date as YYYY-MM-DD.")
                problems[field.name] = Problem("day_form", words)
        if not problems and (wrong := rules.check_dates(found[0], found[1], today)):
            is_of_sending = wrong.code in ("send_past", "send_far")
            problems["send_on" if is_of_sending else "day"] = wrong
        return problems or (found[0], found[1])


def _whole(text: str | None) -> int:
    """A whole number; 0, which is refused, for what is none."""
    value = (text or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else 0


def _clock(text: str | None) -> time | Problem:
    try:
        return datetime.strptime((text or "").strip(), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        words = N_("Write the time as HH:MM, for example 08:00.")
        return Problem("report_time", words)


def _hours(start: str | None, end: str | None) -> SendingHours | Problem | None:
    return read_hours(f"{start}-{end}") if start or end else None
