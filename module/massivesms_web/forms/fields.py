"""Fields that several forms share: a message's text, a trunk, a list.

They keep what was typed and turn it into values; what is wrong with a value is
for the domain to say, except that a choice must be one that is offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import (
    DateInput,
    DateTimeLocalInput,
    NumberInput,
    TextArea,
    TimeInput,
)

from massivesms.domain.routing import Candidate, best_trunks
from massivesms.domain.smart_text import CHOICES, Choice, read_choice
from massivesms.domain.trunk_settings import Setting
from massivesms.store.db import Row

from .. import current

LONG = 1000  # characters: such a setting is seen in several lines
LONG_ROWS = 4
NONE = 0  # the value of "automatic" and of "choose one"


class LineField(StringField):
    """One line, without blanks at its ends; a field that is absent is empty."""

    data: str

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keeps what was typed, stripped."""
        self.data = valuelist[0].strip() if valuelist else ""


class LongLineField(LineField):
    """One line that is too long to be seen as one; what is typed in lines is joined."""

    widget = TextArea()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keeps what was typed as one line."""
        lines = valuelist[0].splitlines() if valuelist else []
        self.data = "".join(line.strip() for line in lines)


def setting_field(setting: Setting) -> Any:
    """The field of a setting of a trunk or of the mail account, by its type."""
    label = _(setting.label)
    if setting.type == "yes_no":
        return BooleanField(label, default=setting.default == "yes")
    if setting.type == "choice":
        choices = [(value, _(text)) for value, text in setting.choices]
        return SelectField(
            label, choices=choices, default=setting.default, validate_choice=False
        )
    if setting.type == "secret":
        return PasswordField(label)
    if setting.type == "integer":
        widget = NumberInput(min=setting.minimum, max=setting.maximum)
        return LineField(label, default=setting.default, widget=widget)
    if setting.maximum >= LONG:
        rows = {"rows": LONG_ROWS}
        return LongLineField(label, default=setting.default, render_kw=rows)
    return LineField(label, default=setting.default)


class MessageField(TextAreaField):
    """A message's text; browsers send each line's end as CR LF, phones get LF."""

    data: str

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keeps the text as it was written, with one character for a line's end."""
        text = valuelist[0] if valuelist else ""
        self.data = text.replace("\r\n", "\n").replace("\r", "\n")


class CharactersField(SelectField):
    """What is replaced in the form's message; at first what the settings say.

    A form that lacks the field has it done as the settings say, too.
    """

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label or _("Characters that cost more"),
            choices=[(str(choice), _(words)) for choice, words in CHOICES.items()],
            default=lambda: str(current.settings().replace_characters),
            validate_choice=False,
            **kwargs,
        )
        self.type = "SelectField"  # templates know a select by it

    @property
    def choice(self) -> Choice:
        """The choice; nothing is replaced by one that does not exist."""
        return read_choice(self.data, Choice.KEEP)


class _ChoiceOfRows(SelectField):
    """One of some rows of the database by id; NONE stands for no row."""

    gone = _("Choose one of the list.")

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, coerce=_id, validate_choice=False, **kwargs)
        self.type = "SelectField"  # templates know a select by it

    def offer(self, none: str, rows: Sequence[Row]) -> None:
        """Sets what can be chosen: nothing, in the words of `none`, or a row."""
        self.choices = [(NONE, none), *((row["id"], row["name"]) for row in rows)]

    @property
    def chosen_id(self) -> int | None:
        """The id of the chosen row or None."""
        return self.data or None

    @property
    def is_gone(self) -> bool:
        """Whether what is chosen is not offered (any more)."""
        return self.data not in {choice[0] for choice in self.choices or ()}

    def pre_validate(self, form: Any) -> None:
        """Refuses an id that is not offered (any more)."""
        if self.is_gone:
            raise ValidationError(str(self.gone))


class TrunkField(_ChoiceOfRows):
    """The trunk to send through, or automatic."""

    gone = _("There is no such trunk any more: choose another one.")
    prices: Mapping[str, str] = {}  # of a segment by the value of a choice, as known

    def offer_trunks(self, trunks: Sequence[Row]) -> None:
        """Offers "automatic" and each trunk; one that is turned off says so."""
        rows = [
            trunk if trunk["active"] else {**trunk, "name": _turned_off(trunk)}
            for trunk in trunks
        ]
        self.offer(gettext("Automatic, by priority"), rows)
        self.prices = _prices(trunks)


class TemplateField(_ChoiceOfRows):
    """One of the saved texts, or none; texts.js puts its text in."""

    gone = _("There is no such template any more: choose another one.")

    def offer_templates(self, templates: Sequence[Row]) -> None:
        """Offers each template with its text."""
        self.choices = [
            (NONE, gettext("No template"), {}),
            *(
                (row["id"], row["name"], {"data-text": row["text"]})
                for row in templates
            ),
        ]
        self.texts = {row["id"]: str(row["text"]) for row in templates}

    @property
    def text(self) -> str:
        """The text of the chosen one, for browsers without scripts."""
        return self.texts.get(self.data, "")


class ListField(_ChoiceOfRows):
    """One of the lists."""

    gone = _("There is no such list any more: choose another one.")


class TimetableField(_ChoiceOfRows):
    """One of the timetables, or none."""

    gone = _("There is no such timetable any more: choose another one.")


class CampaignField(_ChoiceOfRows):
    """One of the campaigns, or all of them."""

    gone = _("There is no such campaign any more: choose another one.")


class StartField(LineField):
    """A date and time as text, so that what was typed is kept."""

    widget = DateTimeLocalInput()


class HourField(LineField):
    """A time of day as text."""

    widget = TimeInput()


class DayField(LineField):
    """A day as text."""

    widget = DateInput()


def _id(value: Any) -> int:
    """An id, -1 for what is none: it is never offered."""
    text = str(value if value is not None else NONE)
    return int(text) if text.isascii() and text.isdecimal() else -1


def _prices(trunks: Sequence[Row]) -> dict[str, str]:
    """Those of the trunks; "automatic" has that of the one that goes first."""
    known = {str(t["id"]): t["cost_per_segment"] for t in trunks}
    first = [
        Candidate(
            t["id"],
            t["priority"],
            t["active"],
            cost=t["cost_per_segment"] or Decimal(0),
        )
        for t in trunks
        if t["stopped_code"] is None
    ]
    if best := best_trunks(first):
        known[str(NONE)] = known[str(min(best))]
    return {name: str(price) for name, price in known.items() if price}


def _turned_off(trunk: Row) -> str:
    return gettext("%(name)s (turned off)", name=trunk["name"])
