"""The filters of messages as pages show them: read, in words, one by one removable.

The names in addresses are those of domain/message_filters; every page that lists
messages uses them, so that any figure can lead to the messages behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from massivesms.domain import message_filters, results
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.message_filters import Filter
from massivesms.domain.states import STATE_LABELS, MessageState
from massivesms.domain.words import N_, Problem
from massivesms.store import campaigns, imports, trunks, users
from massivesms.store.db import Transaction

from . import current, situation

CAMPAIGNS_OFFERED = 200
LABELS: Mapping[str, str] = {
    "number": N_("Number"),
    "state": N_("State"),
    "campaign": N_("Campaign"),
    "trunk": N_("Trunk"),
    "import": N_("Import"),
    "user": N_("User"),
    "from": N_("From"),
    "to": N_("To"),
    "result": N_("Result"),
    "detail": N_("Operator's error"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One chosen value, and the address without it."""

    label: str
    value: str
    url: str


@dataclass(slots=True)
class Search:
    """What was asked for: as it was written, and as the store is asked."""

    values: dict[str, list[str]]
    wanted: Filter
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, list[str]]:
        """For url_for: the same messages."""
        return self.values

    def one(self, name: str) -> str:
        """What was written for a filter; '' = nothing."""
        return next(iter(self.values.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from, and chosen values in words."""

    campaigns: Sequence[tuple[int, str]]
    trunks: Mapping[int, str]
    users: Sequence[str]
    chips: Sequence[Chip]


def given(values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The filters among the values of an address or a form, each value once."""
    found = {name: [v.strip() for v in values.get(name, ())] for name in LABELS}
    once = {name: [v for v in dict.fromkeys(found[name]) if v] for name in found}
    return {name: texts for name, texts in once.items() if texts}


def read(values: Mapping[str, Sequence[str]]) -> Search:
    """The filters of an address; what is wrong with them is in `problems`."""
    settings = current.settings()
    filters = given(values)
    wanted, problems = message_filters.read(
        filters, settings.number_plan, settings.time_zone
    )
    said = {name: current.say(problem) for name, problem in problems.items()}
    return Search(filters, wanted, said)


def offer(tx: Transaction, search: Search) -> Offered:
    """What the filter bar shows. Says in `search` what is not there any more."""
    wanted = search.wanted
    names = trunks.names(tx)
    if wanted.trunk_id is not None and wanted.trunk_id not in names:
        search.problems["trunk"] = _("This trunk is not there.")
    found = _campaigns(tx, wanted.campaign_id)
    if wanted.campaign_id is not None and wanted.campaign_id not in found:
        search.problems["campaign"] = _("This campaign is not there any more.")
    load = imports.by_id(tx, wanted.import_id) if wanted.import_id else None
    if wanted.import_id is not None and (load is None or load["campaign_id"] is None):
        search.problems["import"] = _("No import of a campaign has this id.")
    words = {
        "campaign": found.get(wanted.campaign_id or 0, ""),
        "trunk": names.get(wanted.trunk_id or 0, ""),
        "import": f"#{wanted.import_id} {load['source']}".strip() if load else "",
        "result": _result(wanted.result),
    }
    people = [row["name"] for row in users.all_users(tx)]
    return Offered(list(found.items()), names, people, _chips(search, words))


def _campaigns(tx: Transaction, chosen: int | None) -> dict[int, str]:
    """Campaigns to choose from: the output queue first, the chosen one always."""
    found = {OUTPUT_QUEUE_ID: situation.campaign_name(OUTPUT_QUEUE_ID, "")}
    rows = campaigns.page(tx, limit=CAMPAIGNS_OFFERED)
    found.update({r["id"]: r["name"] for r in rows if r["id"] != OUTPUT_QUEUE_ID})
    if chosen is not None and chosen not in found:
        row = campaigns.by_id(tx, chosen)
        if row is not None:
            found[chosen] = row["name"]
    return found


def _result(code: str) -> str:
    if code not in results.RESULTS:
        return code
    return current.say(Problem(code, results.RESULTS[code], code=code, detail="…"))


def _chips(search: Search, words: Mapping[str, str]) -> list[Chip]:
    found = []
    for name, texts in search.values.items():
        if name in search.problems:
            continue
        for text in texts:
            value = words.get(name) or text
            if name == "state":
                value = _(STATE_LABELS[MessageState(text)])
            elif name in ("from", "to"):
                value = text.replace("T", " ")
            rest = [other for other in texts if other != text]
            found.append(
                Chip(_(LABELS[name]), value, address({**search.values, name: rest}))
            )
    return found


def address(values: Mapping[str, Any]) -> str:
    """The page of the messages of a filter."""
    return url_for("messages.index", **values)


def of_address() -> Search:
    """The filters of this request's address."""
    return read(request.args.to_dict(flat=False))
