"""What the general configuration asks: one field for each of domain.settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from massivesms.domain.settings import LANGUAGES, SETTINGS

from .labels import setting_label

AREAS = (
    *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/"),
    *("Europe/", "Indian/", "Pacific/"),
)


class ConfigurationForm(FlaskForm):
    """The settings as fields of their names; domain.settings checks them."""

    country_code = StringField(setting_label("country_code"))
    mobile_prefixes = StringField(setting_label("mobile_prefixes"))
    min_mobile_length = StringField(setting_label("min_mobile_length"))
    max_mobile_length = StringField(setting_label("max_mobile_length"))
    time_zone = SelectField(setting_label("time_zone"), validate_choice=False)
    sending_hours = StringField(setting_label("sending_hours"))
    language = SelectField(
        setting_label("language"),
        choices=[("", _("The browser's")), *LANGUAGES.items()],
        validate_choice=False,
    )

    def offer_zones(self, present: str) -> None:
        """The time zones of the world by area, and the present one."""
        found = sorted(z for z in available_timezones() if z.startswith(AREAS))
        groups: dict[str, list[tuple[str, str]]] = {"": [("UTC", "UTC")]}
        if present not in (*found, "UTC"):
            groups[""].append((present, present))
        for name in found:
            area = name.partition("/")[0]
            groups.setdefault(area, []).append((name, name.replace("_", " ")))
        self.time_zone.choices = groups

    def changes(self, stored: Mapping[str, str]) -> dict[str, str]:
        """What differs from the stored texts."""
        entered: dict[str, Any] = {
            field.name: str(field.data or "").strip()
            for field in self
            if field.name in SETTINGS
        }
        return {name: v for name, v in entered.items() if v != stored.get(name, "")}
