"""What a setting of a trunk is, and whether a value fits it.

One setting by itself: what several say together is each kind's own matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .words import N_, Problem


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a kind; `type` is text, secret, integer, yes_no or choice."""

    key: str
    type: str
    label: str
    default: str = ""
    required: bool = False
    minimum: int = 0
    maximum: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    advanced: bool = False
    group: str = ""  # the words over advanced ones that belong together


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider whose choice fills some settings."""

    name: str
    values: Mapping[str, str]


#: Checked settings that each fit -> what does not fit together, by key.
CrossCheck = Callable[[Mapping[str, str]], Mapping[str, Problem]]


def _all_fit(settings: Mapping[str, str]) -> Mapping[str, Problem]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trunk: its name in the database, its label and its settings."""

    name: str
    label: str
    settings: tuple[Setting, ...]
    presets: tuple[Preset, ...] = ()
    cross_check: CrossCheck = _all_fit

    @property
    def secret_keys(self) -> frozenset[str]:
        """Settings that are stored encrypted and never shown again."""
        return frozenset(s.key for s in self.settings if s.type == "secret")


#: Short forms of the SMPP world that the command line takes too.
_ALIASES = {
    "bind_mode": {"trx": "transceiver", "tx": "transmitter", "tx+rx": "pair"},
}
_YES = {"yes", "1", "true", "on", "si", "sí"}
_NO = {"no", "0", "false", "off"}


def alias(setting: Setting, value: str) -> str:
    """The value as it is stored, of what was entered."""
    if setting.type == "yes_no":
        lower = value.lower()
        return "yes" if lower in _YES else "no" if lower in _NO else value
    if setting.type == "choice":
        lower = value.lower()
        return _ALIASES.get(setting.key, {}).get(lower, lower)
    return value


def check(setting: Setting, value: str) -> Problem | None:
    """Why a setting cannot have that value, or None."""
    if not value:
        if setting.required:
            return Problem(
                "setting_missing", N_("%(key)s is missing."), key=setting.key
            )
        return None
    if "\0" in value or not value.isprintable():
        return Problem(
            "setting_characters",
            N_("%(key)s has characters that cannot be used."),
            key=setting.key,
        )
    if setting.type == "integer":
        return _check_integer(setting, value)
    if setting.type == "yes_no" and value not in ("yes", "no"):
        return Problem("setting_yes_no", N_("%(key)s is yes or no."), key=setting.key)
    allowed = [name for name, _ in setting.choices]
    if setting.type == "choice" and value not in allowed:
        return Problem(
            "setting_choice",
            N_("%(key)s is one of: %(allowed)s."),
            key=setting.key,
            allowed=", ".join(allowed),
        )
    if setting.type in ("text", "secret") and len(value) > setting.maximum:
        return Problem(
            "setting_too_long",
            N_("%(key)s has %(length)s characters; %(limit)s are the most."),
            key=setting.key,
            length=len(value),
            limit=setting.maximum,
        )
    return None


def _check_integer(setting: Setting, value: str) -> Problem | None:
    in_range = (
        value.isascii()
        and value.isdecimal()
        and setting.minimum <= int(value) <= setting.maximum
    )
    if in_range:
        return None
    return Problem(
        "setting_integer",
        N_("%(key)s is a whole number from %(minimum)s to %(maximum)s."),
        key=setting.key,
        minimum=setting.minimum,
        maximum=setting.maximum,
    )
