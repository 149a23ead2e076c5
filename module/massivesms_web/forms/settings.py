"""What forms of settings share: their fields are called like the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field

from massivesms.domain.settings import SETTINGS


def label_of(name: str) -> Any:
    """What a setting is called."""
    return _(SETTINGS[name][1])


class SettingsForm(FlaskForm):
    """Settings as fields of their names; domain.settings checks them."""

    def entered(self) -> dict[str, str]:
        """The texts of its settings."""
        return {
            name: self.text_of(name, field)
            for name, field in self._fields.items()
            if name in SETTINGS and field.data is not None
        }

    def text_of(self, name: str, field: Field) -> str:
        """What is stored for one field."""
        if isinstance(field, BooleanField):
            return "yes" if field.data else "no"
        return str(field.data or "").strip()

    @classmethod
    def shown(cls, texts: Mapping[str, str]) -> dict[str, Any]:
        """Stored settings as the fields of this form take them."""
        found: dict[str, Any] = {}
        for name, text in texts.items():
            if (field := getattr(cls, name, None)) is not None:
                is_box = field.field_class is BooleanField
                found[name] = text == "yes" if is_box else text
        return found
