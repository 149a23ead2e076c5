"""Labels of fields that stand for settings: the settings' own."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from massivesms.domain.settings import SETTINGS


def setting_label(name: str) -> Any:
    """The label of a setting, in the reader's language."""
    return _(SETTINGS[name][1])
