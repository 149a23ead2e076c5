"""From what a person entered about a trunk to a draft that can be stored.

The pages and the command line come through here alike: settings of the kind,
sender, priority, rate, and the secrets sealed before they reach the store.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from . import script_files
from .domain import results
from .domain.campaigns import check_name
from .domain.caps import Caps, check_caps
from .domain.number_prefixes import parse_prefixes
from .domain.sender_ids import check_sender_id
from .domain.trunk_kinds import Kind, check_settings, kind_named
from .domain.words import N_, Problem
from .store.trunks import TrunkDraft
from .vault import Vault

MAX_RATE_PER_S = 100_000.0
MAX_NAME = 80
MAX_COST = Decimal(100_000)
SMALLEST_COST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class TrunkInput:
    """A trunk as it was entered; an empty secret keeps the stored one."""

    name: str
    kind: str
    settings: Mapping[str, str]
    active: bool = True
    priority: int = 1
    sender_id: str = ""
    append_country_code: bool = False
    rate_per_s: float | None = None
    caps: Caps = Caps()
    prefixes: str = ""
    cost_per_segment: Decimal | None = None
    stored_secrets: Mapping[str, str] = field(default_factory=dict)


def draft_trunk(
    entered: TrunkInput, vault: Vault, scripts_dir: Path | None
) -> TrunkDraft | dict[str, Problem]:
    """A draft ready for the store, or the problems by field or setting key.

    Without `scripts_dir` the script of a trunk may still be missing.
    """
    kind = kind_named(entered.kind)
    if isinstance(kind, Problem):
        return {"kind": kind}
    given = {**entered.stored_secrets, **_without_empty_secrets(kind, entered.settings)}
    checked = check_settings(kind, given)
    problems = {key: v for key, v in checked.items() if isinstance(v, Problem)}
    settings = {key: v for key, v in checked.items() if isinstance(v, str)}
    problems |= _check_common(entered) | _check_speed(entered)
    prefixes = parse_prefixes(entered.prefixes)
    if isinstance(prefixes, Problem):
        problems["prefixes"] = prefixes
    if not problems and scripts_dir is not None:
        problems |= _check_script(kind, settings, scripts_dir)
    if problems or isinstance(prefixes, Problem):
        return problems
    secrets = {key: settings.pop(key) for key in kind.secret_keys}
    return TrunkDraft(
        has_new_secrets=secrets != dict(entered.stored_secrets),
        name=entered.name.strip(),
        kind=kind.name,
        active=entered.active,
        priority=entered.priority,
        sender_id=entered.sender_id.strip(),
        append_country_code=entered.append_country_code,
        rate_per_s=entered.rate_per_s,
        caps=entered.caps,
        prefixes=prefixes,
        cost_per_segment=entered.cost_per_segment,
        settings=settings,
        secrets=vault.seal(secrets),
    )


def _without_empty_secrets(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in given.items() if v or k not in kind.secret_keys}


def _check_common(entered: TrunkInput) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    if problem := check_name(entered.name.strip(), MAX_NAME):
        problems["name"] = problem
    if problem := check_sender_id(entered.sender_id.strip()):
        problems["sender_id"] = problem
    if not 1 <= entered.priority <= 1000:
        problems["priority"] = Problem(
            "trunk_priority",
            N_("The priority is a whole number from 1 (best) to 1000."),
        )
    return problems


def _check_speed(entered: TrunkInput) -> dict[str, Problem]:
    problems = check_caps(entered.caps)
    rate = entered.rate_per_s
    if rate is not None and not (
        math.isfinite(rate) and 0.001 <= rate <= MAX_RATE_PER_S
    ):
        problems["rate_per_s"] = Problem(
            "trunk_rate",
            N_("The speed limit is more than 0 segments a second; empty means none."),
        )
    cost = entered.cost_per_segment
    if cost is not None and not _is_cost(cost):
        problems["cost_per_segment"] = Problem(
            "trunk_cost",
            N_(
                "The cost of a segment is a number from 0 to 99999.9999 with at most"
                " four decimals; empty means that it is not known."
            ),
        )
    return problems


def _is_cost(cost: Decimal) -> bool:
    if not cost.is_finite() or not 0 <= cost < MAX_COST:
        return False
    return cost == cost.quantize(SMALLEST_COST)


def _check_script(
    kind: Kind, settings: Mapping[str, str], scripts_dir: Path
) -> dict[str, Problem]:
    if kind.name != "script":
        return {}
    name = settings["script"]
    refused = results.words(script_files.refusal(scripts_dir, name), name)
    return {"script": refused} if refused else {}
