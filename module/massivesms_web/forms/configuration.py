"""What the general configuration asks: one field for each of domain.settings."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField

from massivesms.domain.settings import LANGUAGES
from massivesms.domain.smart_text import CHOICES

from .settings import SettingsForm, label_of

AREAS = (
    *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/"),
    *("Europe/", "Indian/", "Pacific/"),
)


def zones_by_area(present: str) -> dict[str, list[tuple[str, str]]]:
    """The time zones of the world by area, as choices; UTC and others under ''."""
    found = sorted(z for z in available_timezones() if z.startswith(AREAS))
    groups: dict[str, list[tuple[str, str]]] = {"": [("UTC", "UTC")]}
    if present not in (*found, "UTC"):
        groups[""].append((present, present))
    for name in found:
        area = name.partition("/")[0]
        groups.setdefault(area, []).append((name, name.replace("_", " ")))
    return groups


class ConfigurationForm(SettingsForm):
    """The settings as fields of their names; domain.settings checks them."""

    country_code = StringField(label_of("country_code"))
    mobile_prefixes = StringField(label_of("mobile_prefixes"))
    min_mobile_length = StringField(label_of("min_mobile_length"))
    max_mobile_length = StringField(label_of("max_mobile_length"))
    time_zone = SelectField(label_of("time_zone"), validate_choice=False)
    sending_hours = StringField(label_of("sending_hours"))
    replace_characters = SelectField(
        label_of("replace_characters"),
        choices=[(str(choice), _(label)) for choice, label in CHOICES.items()],
        validate_choice=False,
    )
    approval_above = StringField(label_of("approval_above"))
    language = SelectField(
        label_of("language"),
        choices=[("", _("The browser's")), *LANGUAGES.items()],
        validate_choice=False,
    )

    signature = TextAreaField(label_of("signature"), render_kw={"rows": 2})
    refused_words = TextAreaField(label_of("refused_words"), render_kw={"rows": 4})

    def offer_zones(self, present: str) -> None:
        """The time zones of the world by area, and the present one."""
        self.time_zone.choices = zones_by_area(present)
