"""Changing the product's settings from a form: checked, stored and audited.

The one way in which pages do it; which settings a page offers is its own matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from massivesms.domain import settings as settings_domain
from massivesms.domain.words import Problem
from massivesms.store import audit
from massivesms.store import settings as settings_store

from . import current


def change(entered: Mapping[str, str]) -> dict[str, Problem]:
    """Stores what of `entered` is new; with problems, by name, nothing."""
    before = current.settings().texts
    new = {name: text for name, text in entered.items() if text != before[name]}
    checked = settings_domain.check(new, before)
    problems = {k: v for k, v in checked.items() if isinstance(v, Problem)}
    clean = {
        name: text
        for name, text in checked.items()
        if isinstance(text, str) and text != before[name]
    }
    if clean:
        actor = current.actor()
        details = {
            name: settings_domain.audited(name, before[name], text)
            for name, text in clean.items()
        }
        with current.db().transaction() as tx:
            settings_store.save(tx, clean)
            audit.record(tx, actor, "configuration.change", ", ".join(clean), details)
    return problems
