"""The original's `config`: the country, prefixes and lengths of its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from ..domain import settings as product_settings
from ..domain.numbers import NumberPlan
from ..domain.original import read_mobile_prefixes
from ..domain.words import N_, Problem
from ..store import audit, original
from ..store import settings as stored_settings
from ..store.db import Transaction
from .report import ALREADY, TAKEN
from .work import Work, number, plain

NAMES = (
    *("country_code", "mobile_prefixes"),
    *("min_mobile_length", "max_mobile_length"),
)


def take(work: Work) -> None:
    """Takes the settings that nobody has set here; their plan reads their numbers."""
    theirs = _theirs(work)
    if not theirs:
        return
    with work.db.transaction() as tx:
        ours = stored_settings.load(tx)
    good = _usable(work, theirs)
    if plan := _plan(good):
        work.plan = plan
    news = {}
    for name, value in good.items():
        if not ours.get(name):
            news[name] = value
        elif ours[name] == value:
            work.report.add("setting", ALREADY)
        else:
            work.report.refuse("setting", name, _kept(ours[name], value))
    checked = product_settings.check(news, ours)
    for name, problem in checked.items():
        if isinstance(problem, Problem):  # alone it was good, beside ours it is not
            work.report.refuse("setting", name, problem)
            return
    if news:
        work.write(lambda tx: _save(work, tx, news), None)
        work.report.add("setting", TAKEN, len(news))


def _save(work: Work, tx: Transaction, news: Mapping[str, str]) -> None:
    stored_settings.save(tx, news)
    audit.record(tx, work.actor, "configuration.change", ", ".join(news), news)


def _theirs(work: Work) -> dict[str, str]:
    rows = original.rows(work.source, "config", work.shape)
    if not rows:
        empty = Problem("takeover_no_config", N_("There is no configuration in it."))
        work.report.note("setting", "config", empty)
        return {}
    row = rows[0]
    country = plain(row, "country_code")
    country = "" if country == "0" else country
    prefixes = read_mobile_prefixes(plain(row, "mobile_prefixes"), country)
    found = {"country_code": country, "mobile_prefixes": ",".join(prefixes)}
    for name in ("min_mobile_length", "max_mobile_length"):
        length = number(row, name)
        found[name] = str(length) if length > 0 else ""
    return {name: value for name, value in found.items() if value}


def _usable(work: Work, theirs: Mapping[str, str]) -> dict[str, str]:
    """Their settings without those that could not be right in any country."""
    good = dict(theirs)
    for _ in NAMES:
        checked = product_settings.check(good, {})
        problems = {k: v for k, v in checked.items() if isinstance(v, Problem)}
        if not problems:
            break
        for name, problem in problems.items():
            work.report.refuse("setting", name, problem)
            good.pop(name, None)
    return good


def _plan(good: Mapping[str, str]) -> NumberPlan | None:
    if "country_code" not in good:
        return None
    return product_settings.read(good).number_plan


def _kept(ours: str, theirs: str) -> Problem:
    return Problem(
        "takeover_setting_kept",
        N_("It is %(ours)s here and stays so; the original had %(theirs)s."),
        ours=ours,
        theirs=theirs,
    )
