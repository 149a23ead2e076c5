"""The original's `sms_trunk`: SMPP and shell-script trunks, passwords sealed."""

from __future__ import annotations

from dataclasses import replace

from ..domain.original import folded
from ..domain.sender_ids import check_sender_id
from ..domain.words import N_, Problem
from ..store import original, taken_over
from ..store import trunks as stored_trunks
from ..store.db import Transaction
from ..store.original import SourceRow
from ..store.trunks import TrunkDraft
from ..trunk_drafts import MAX_NAME, TrunkInput, draft_trunk
from . import scripts
from .report import ALREADY, TAKEN
from .work import Work, number, plain

SMPP, SCRIPT = "SMPP", "BASH"


def take(work: Work) -> None:
    """Takes every trunk, and fills work.trunks for the messages."""
    rows = original.rows(work.source, "sms_trunk", work.shape)
    known, standing = work.known("trunk"), work.standing("trunk")
    here = {
        row["id"]: work.text("sms_trunk", row, "script").strip()
        for row in rows
        if plain(row, "service_type").upper() == SCRIPT
    }
    copies = scripts.take(work, here.values())
    best = min([number(row, "trunk_priority") for row in rows], default=1)
    for row in rows:
        source_id = number(row, "id")
        if (found := known.get(str(source_id))) is not None:
            work.report.add("trunk", ALREADY)
            if found.target_id in standing:
                work.trunks[source_id] = found.target_id
            continue
        script = here.get(row["id"], "")
        _take_one(work, row, max(0, 1 - best), script, copies.get(script))


def _take_one(
    work: Work, row: SourceRow, shift: int, script: str, copied: str | None
) -> None:
    source_id = number(row, "id")
    their_name = work.text("sms_trunk", row, "name").strip() or f"Trunk {source_id}"
    entered = _entered(work, row, their_name, copied or script)
    if isinstance(entered, Problem):
        work.report.refuse("trunk", their_name, entered)
        return
    entered = replace(entered, priority=number(row, "trunk_priority") + shift)
    # A dry run has copied nothing; without its script a trunk comes turned off.
    draft = draft_trunk(entered, work.vault, None)
    if not isinstance(draft, TrunkDraft):
        worst = "; ".join(str(problem) for problem in draft.values())
        refused = Problem(
            "takeover_trunk", N_("It cannot be used as it is: %(reason)s"), reason=worst
        )
        work.report.refuse("trunk", their_name, refused)
        return
    if script and copied is None and draft.active:
        draft = replace(draft, active=False)
        work.report.note("trunk", their_name, _turned_off())
    name = work.free_name("trunk", draft.name, MAX_NAME)
    if folded(name) != folded(their_name):
        work.report.note("trunk", their_name, renamed(name))
    draft = replace(draft, name=name)

    def create(tx: Transaction) -> int:
        made = stored_trunks.create(tx, draft, work.actor)
        taken_over.record(tx, "trunk", work.key(source_id), made)
        return made

    work.trunks[source_id] = work.write(create, 0)
    work.report.add("trunk", TAKEN)


def _entered(
    work: Work, row: SourceRow, name: str, script: str
) -> TrunkInput | Problem:
    kind = plain(row, "service_type").upper()
    if kind == SMPP:
        settings = {
            "host": work.text("sms_trunk", row, "server").strip(),
            "system_id": work.text("sms_trunk", row, "user").strip(),
            "password": work.text("sms_trunk", row, "password"),
            "system_type": work.text("sms_trunk", row, "system_type").strip(),
            # The original only sent: an operator may allow no more than that.
            "bind_mode": "transmitter",
            "receipts": "no",
        }
        if port := plain(row, "port"):
            settings["port"] = port
    elif kind == SCRIPT:
        settings = {"script": script, "legacy_entities": "yes"}
    else:
        return Problem(
            "takeover_trunk_kind",
            N_("Trunks of the type %(kind)s are not known here."),
            kind=kind or "?",
        )
    sender = work.text("sms_trunk", row, "clid").strip()
    if problem := check_sender_id(sender):
        work.report.note("trunk", name, without_sender(sender, problem))
        sender = ""
    return TrunkInput(
        name=name[:MAX_NAME],
        kind="smpp" if kind == SMPP else "script",
        settings=settings,
        active=number(row, "active") == 1,
        sender_id=sender,
        append_country_code=number(row, "append_country_code") == 1,
    )


def renamed(name: str) -> Problem:
    """Said of a thing whose name was taken, or too long."""
    return Problem("takeover_renamed", N_("It is called %(name)s here."), name=name)


def without_sender(sender: str, problem: Problem) -> Problem:
    """Said of a trunk or campaign whose sender no operator would take."""
    return Problem(
        "takeover_sender",
        N_("Its sender %(sender)s was left out: %(reason)s"),
        sender=sender,
        reason=problem,
    )


def _turned_off() -> Problem:
    return Problem(
        "takeover_trunk_off",
        N_("It is turned off until its script is there: then enable it."),
    )
