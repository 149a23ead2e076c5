"""What the pages of trunks ask: built from domain.trunk_kinds, never by hand.

A field is called like its setting, so that a problem finds it. Values stay text;
massivesms.trunk_drafts says what is wrong with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.widgets import NumberInput

from massivesms.domain.caps import PERIODS, Caps
from massivesms.domain.sender_ids import MAX_ALPHANUMERIC, MAX_DIGITS
from massivesms.domain.trunk_kinds import Kind, Setting
from massivesms.trunk_drafts import TrunkInput

from .fields import setting_field


class TrunkForm(FlaskForm):
    """What every trunk has; form_class() adds the settings of its kind."""

    name = StringField(_("Name"))
    priority = StringField(_("Priority"), default="1", widget=NumberInput(min=1))
    sender_id = StringField(_("Sender"))
    append_country_code = BooleanField(_("Put the country code before local numbers"))
    rate_per_s = StringField(_("Speed limit (segments a second)"))
    cap_minute = StringField(_("A minute"), widget=NumberInput(min=1))
    cap_hour = StringField(_("An hour"), widget=NumberInput(min=1))
    cap_day = StringField(_("A day"), widget=NumberInput(min=1))
    cap_month = StringField(_("A month"), widget=NumberInput(min=1))
    prefixes = StringField(_("Numbers that it serves"))
    cost_per_segment = StringField(_("Cost of a segment"))

    def entered(
        self, kind: Kind, *, active: bool, stored_secrets: Mapping[str, str]
    ) -> TrunkInput:
        """What was entered, for massivesms.trunk_drafts."""
        return TrunkInput(
            name=(self.name.data or "").strip(),
            kind=kind.name,
            settings={s.key: _text(self[s.key]) for s in kind.settings},
            active=active,
            priority=_integer(self.priority.data),
            sender_id=self.sender_id.data or "",
            append_country_code=bool(self.append_country_code.data),
            rate_per_s=_decimal(self.rate_per_s.data),
            caps=Caps(*(_cap(self[f"cap_{period}"].data) for period in PERIODS)),
            prefixes=self.prefixes.data or "",
            cost_per_segment=_cost(self.cost_per_segment.data),
            stored_secrets=stored_secrets,
        )


def form_class(kind: Kind, scripts: Sequence[str] = ()) -> type[TrunkForm]:
    """The form of a kind of trunk; `scripts` are the names that can be chosen."""
    fields: dict[str, Any] = {
        setting.key: _field(setting, scripts) for setting in kind.settings
    }
    return type(f"{kind.name.title()}TrunkForm", (TrunkForm,), fields)


def stored_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored trunk as the form shows it; secrets are never among it."""
    rate, cost = row["rate_per_s"], row["cost_per_segment"]
    caps = {f"cap_{period}": row[f"cap_{period}"] for period in PERIODS}
    settings = {
        key: value == "yes" if value in ("yes", "no") else value
        for key, value in row["settings"].items()
    }
    return {
        **settings,
        "name": row["name"],
        "priority": str(row["priority"]),
        "sender_id": row["sender_id"],
        "append_country_code": row["append_country_code"],
        "rate_per_s": f"{rate:g}" if rate is not None else "",
        **{name: "" if cap is None else str(cap) for name, cap in caps.items()},
        "prefixes": row["prefixes"].replace(",", ", "),
        "cost_per_segment": "" if cost is None else f"{cost.normalize():f}",
    }


def sender_help() -> str:
    """What a sender may be."""
    return gettext(
        "What the recipient sees: up to %(letters)s letters or %(digits)s digits."
        " Empty: the operator's. A campaign's own sender wins.",
        letters=MAX_ALPHANUMERIC,
        digits=MAX_DIGITS,
    )


def _field(setting: Setting, scripts: Sequence[str]) -> Any:
    if setting.key == "script":
        return _script_field(_(setting.label), scripts)
    return setting_field(setting)


def _script_field(label: Any, scripts: Sequence[str]) -> Any:
    if not scripts:
        return StringField(label)
    return SelectField(
        label, choices=[(name, name) for name in scripts], validate_choice=False
    )


def _text(field: Field) -> str:
    if isinstance(field.data, bool):
        return "yes" if field.data else "no"
    return str(field.data or "")


def _integer(text: str | None) -> int:
    """A whole number; 0, which is refused, for what is none."""
    clean = (text or "").strip()
    return int(clean) if clean.isascii() and clean.isdecimal() else 0


def _cap(text: str | None) -> int | None:
    """The segments of a cap, None for nothing; -1, which is refused, for no number."""
    clean = (text or "").strip()
    if not clean:
        return None
    return int(clean) if clean.isascii() and clean.isdecimal() else -1


def _cost(text: str | None) -> Decimal | None:
    """A price with a point or a comma, None for nothing; NaN is refused later."""
    clean = (text or "").strip().replace(",", ".")
    try:
        return Decimal(clean) if clean else None
    except InvalidOperation:
        return Decimal("NaN")


def _decimal(text: str | None) -> float | None:
    """A number with a point or a comma, None for nothing; NaN is refused later."""
    clean = (text or "").strip().replace(",", ".")
    if not clean:
        return None
    try:
        return float(clean)
    except ValueError:
        return math.nan
