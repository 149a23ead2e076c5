"""The forms of a campaign, and how they become a draft and back.

What is wrong with a draft is said by the domain; here texts become times.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from massivesms.domain.calendars import zone_of
from massivesms.domain.campaigns import (
    IN_DOUBT_LABELS,
    PRIORITY_LABELS,
    CampaignPriority,
    Draft,
    InDoubt,
    check_draft,
)
from massivesms.domain.schedule import (
    SendingHours,
    read_deadline,
    read_hours,
    read_start,
)
from massivesms.domain.smart_text import Choice, improve
from massivesms.domain.words import N_, Problem
from massivesms.store.db import Row

from .fields import (
    CharactersField,
    HourField,
    LineField,
    ListField,
    MessageField,
    StartField,
    TemplateField,
    TrunkField,
)
from .timing import TimingForm
from .uploads import AGAIN, CSV_INPUT


class RulesForm(TimingForm):
    """What may be changed while a campaign is sent, too."""

    deadline = StartField(
        _("Deadline"),
        description=_(
            "What is not sent by then is skipped, and never sent. Empty: none."
        ),
    )
    priority = SelectField(
        _("Priority"),
        coerce=int,
        choices=[(int(p), _(label)) for p, label in PRIORITY_LABELS.items()],
        default=int(CampaignPriority.NORMAL),
        description=_(
            "A better priority goes first; campaigns of the same one share fairly."
            " Single messages go before them all."
        ),
    )
    in_doubt = RadioField(
        _("When no answer comes"),
        choices=[(str(p), _(label)) for p, label in IN_DOUBT_LABELS.items()],
        default=str(InDoubt.HOLD),
        description=_(
            "When a message has left and the operator never answers, nobody knows"
            " whether it was sent."
        ),
    )

    @property
    def wanted_priority(self) -> CampaignPriority:
        """The chosen priority; the normal one for what is none (it is refused)."""
        known = self.priority.data in set(CampaignPriority)
        return CampaignPriority(self.priority.data) if known else CampaignPriority(5)

    @property
    def wanted_policy(self) -> InDoubt:
        """The chosen policy; a person decides where it is none (it is refused)."""
        known = self.in_doubt.data in set(InDoubt)
        return InDoubt(self.in_doubt.data) if known else InDoubt.HOLD

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing of it was chosen otherwise, so that it may stay folded."""
        ordinary = (CampaignPriority.NORMAL, InDoubt.HOLD)
        chosen = (self.wanted_priority, self.wanted_policy)
        return chosen == ordinary and not (self.priority.errors or self.in_doubt.errors)


class SingleForm(FlaskForm):
    """One message more of a campaign; `once` makes a double click send one."""

    number = LineField(
        _("To number"),
        id="single-number",
        description=_("As it is dialled here, or with + and the country code."),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    text = MessageField(_("Text"), id="single-text", render_kw={"rows": 4})
    characters = CharactersField(id="single-characters")
    once = HiddenField(id="single-once")


class OneselfForm(FlaskForm):
    """To whom a message is sent before all others get theirs."""

    number = LineField(
        _("Your own number"),
        description=_(
            "Choose a message below: it is sent to you at once, as that number would"
            " get it, and charged as any other."
        ),
        render_kw={"inputmode": "tel", "autocomplete": "tel"},
    )
    once = HiddenField()


class CampaignForm(RulesForm):
    """A campaign without its recipients: what can be changed later."""

    name = LineField(_("Name"))
    text = MessageField(_("Message"), render_kw={"rows": 5})
    characters = CharactersField()
    sender_id = LineField(
        _("Sender"),
        description=_("Empty: the trunk's own."),
        render_kw={"autocomplete": "off"},
    )
    start = StartField(_("Start"), description=_("Empty: at once."))
    hours_from = HourField(_("From"))
    hours_to = HourField(_("To"))
    trunk_id = TrunkField(_("Trunk"), default=0)


class FreshCampaignForm(CampaignForm):
    """A campaign that is to be made; where its recipients come from is known."""

    template_id = TemplateField(_("Template"), default=0)
    paused = BooleanField(
        _("Create it paused"),
        default=True,
        description=_("It waits until you press Resume, so that you can check it."),
    )


class NewCampaignForm(FreshCampaignForm):
    """A campaign with its recipients."""

    recipients = RadioField(
        _("Recipients"),
        choices=[
            ("file", _("A CSV file or workbook")),
            ("list", _("One of the lists")),
        ],
        default="file",
    )
    file = FileField(
        _("CSV file or workbook"),
        description=_(
            "The numbers in one column; a second column may hold that number's"
            " own message."
        ),
        render_kw=CSV_INPUT,
    )
    again = BooleanField(AGAIN)
    list_id = ListField(_("List"), default=0)
    permanent = BooleanField(
        _("Permanent"),
        description=_(
            "It stays open: whoever comes into the list later gets it too, once."
        ),
    )
    copy_of = IntegerField(widget=HiddenInput(), validators=[Optional()])

    @property
    def is_of_list(self) -> bool:
        """Whether its recipients come from a list."""
        return bool(self.recipients.data == "list")


def read_draft(
    form: CampaignForm, zone: ZoneInfo, *, text_required: bool
) -> tuple[Draft, dict[str, Problem]]:
    """The draft that was typed, and its problems by field."""
    problems = form.timing_problems()
    zone = form.own_zone(zone)
    start = read_start(form.start.data, zone) if form.start.data else None
    if isinstance(start, Problem):
        problems["start"] = start
    deadline = wanted_deadline(form, zone, start)
    if isinstance(deadline, Problem):
        problems["deadline"] = deadline
    hours = _read_hours(form.hours_from.data, form.hours_to.data)
    if isinstance(hours, Problem):
        problems["hours_to"] = hours
    text = improve(form.text.data, form.characters.choice).text
    draft = Draft(
        name=form.name.data,
        text=text if text.strip() else "",
        sender_id=form.sender_id.data,
        start_at=start if isinstance(start, datetime) else None,
        deadline_at=deadline if isinstance(deadline, datetime) else None,
        hours=hours if isinstance(hours, SendingHours) else None,
        days=form.chosen_days,
        timetable_id=form.timetable_id.chosen_id,
        time_zone=form.time_zone.data or "",
        keeps_holidays=bool(form.keeps_holidays.data),
        trunk_id=form.trunk_id.chosen_id,
        priority=form.wanted_priority,
        in_doubt=form.wanted_policy,
    )
    return draft, {**problems, **check_draft(draft, text_required=text_required)}


def fill(form: CampaignForm, campaign: Row, zone: ZoneInfo) -> None:
    """Shows a stored campaign in its form, its start in local time."""
    for name in ("name", "text", "sender_id", "priority", "in_doubt"):
        form[name].data = campaign[name]
    form.trunk_id.data = campaign["trunk_id"] or 0
    zone = zone_of(campaign, zone)
    if improve(campaign["text"], form.characters.choice).replacements:
        form.characters.data = str(Choice.KEEP)  # so it was wanted when it was written
    start, hours = campaign["start_at"], campaign["hours"]
    if start:
        form.start.data = _local(start, zone)
    fill_deadline(form, campaign, zone)
    if hours:
        form.hours_from.data = f"{hours.start:%H:%M}"
        form.hours_to.data = f"{hours.end:%H:%M}"


def fill_deadline(form: RulesForm, campaign: Row, zone: ZoneInfo) -> None:
    """Shows a stored deadline by the campaign's clock, and its days."""
    zone = zone_of(campaign, zone)
    form.fill_timing(campaign)
    deadline = campaign["deadline_at"]
    form.deadline.data = _local(deadline, zone) if deadline else ""


def wanted_deadline(
    form: RulesForm,
    zone: ZoneInfo,
    start: datetime | Problem | None,
    kept: datetime | None = None,
    shown: ZoneInfo | None = None,
) -> datetime | Problem | None:
    """The deadline that was typed in a zone; None without one.

    `kept`, which may be past, stays when it is left as the form showed it, in the zone
    `shown`.
    """
    typed = form.deadline.data
    if not typed:
        return None
    if kept and typed == _local(kept, shown or zone):
        return kept
    start_at = start if isinstance(start, datetime) else None
    return read_deadline(typed, zone, start_at, datetime.now(UTC))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def _read_hours(start: str, end: str) -> SendingHours | Problem | None:
    if not start and not end:
        return None
    if not start or not end:
        return Problem(
            "hours_half",
            N_("Write both hours, or leave both empty to send at any hour."),
        )
    return read_hours(f"{start}-{end}")
