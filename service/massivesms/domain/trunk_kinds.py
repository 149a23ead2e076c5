"""The kinds of trunks and what each is configured with.

One table for each kind describes every setting once; the pages build their forms
from it, the command line checks `--set KEY=VALUE` with it and the trunks read it.
Nothing here opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from .asterisk_kind import ASTERISK
from .http_kind import HTTP
from .modem_kind import MODEM
from .script_kind import SCRIPT
from .smpp_kind import SMPP
from .trunk_settings import Kind, Preset, Setting, alias, check
from .words import N_, Problem

__all__ = ["Kind", "Preset", "Setting"]

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (SMPP, HTTP, SCRIPT, MODEM, ASTERISK)
}


def kind_named(name: str) -> Kind | Problem:
    """The kind of that name."""
    if name in KINDS:
        return KINDS[name]
    return Problem(
        "trunk_kind",
        N_("There is no trunk type %(name)s. The types are: %(known)s."),
        name=name,
        known=", ".join(KINDS),
    )


def check_settings(
    kind: Kind, given: Mapping[str, str]
) -> dict[str, str] | dict[str, Problem]:
    """Complete, checked settings, or the problems by key.

    Missing keys get their defaults. Values are text, as they are stored.
    """
    settings: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    known = {s.key: s for s in kind.settings}
    for key in given:
        if key not in known:
            problems[key] = Problem(
                "trunk_setting_unknown",
                N_("%(key)s is no setting of this trunk. Its settings: %(known)s."),
                key=key,
                known=", ".join(known),
            )
    for setting in kind.settings:
        value = alias(setting, str(given.get(setting.key, "")).strip())
        value = value or setting.default
        problem = check(setting, value)
        if problem:
            problems[setting.key] = problem
        settings[setting.key] = value
    return problems or dict(kind.cross_check(settings)) or settings


def complete(kind_name: str, stored: Mapping[str, str]) -> dict[str, str]:
    """Stored settings with the defaults of those that an older version did not know.

    What is stored stays as it is, also what this version does not know. Required
    settings have no defaults; a kind that this version does not know has none.
    """
    kind = KINDS.get(kind_name)
    settings = kind.settings if kind else ()
    return {**{s.key: s.default for s in settings if not s.required}, **stored}
