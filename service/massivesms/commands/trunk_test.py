"""massivesms trunk test NAME [--to NUMBER]: a trunk is tried, step by step."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import click

from ..domain import alphabet_probe, probes, results
from ..domain.blocked_numbers import refusal
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.numbers import masked
from ..domain.singles import Single, check_single
from ..engine.pin_book import StoredPins
from ..store import (
    audit,
    blocked_numbers,
    messages,
    services,
    trunk_probes,
    trunk_tests,
    trunks,
)
from ..store.db import Row, Transaction
from ..trunks import registry
from ..trunks.base import TrunkSettings
from ..vault import PinHash
from .context import Context, Refused, json_option, pass_context, refuse, show_json

LOOK_S = 0.2
LEAVES_S = 60.0  # a message that still waits then is taken back
ASKED_S = 60.0  # the service takes no test that is older
Steps = Sequence[tuple[str, str]]


@click.command()
@click.argument("name")
@click.option("--to", help="Also send a message there: a real one, which costs.")
@click.option("--text", help="Its text; otherwise one that shows the alphabet.")
@click.option(
    "--wait",
    "wait_s",
    type=click.IntRange(0, 86400),
    default=60,
    show_default=True,
    help="Seconds to wait for its receipt, once it is sent.",
)
@json_option
@pass_context
def test(
    context: Context,
    /,
    name: str,
    to: str | None,
    text: str | None,
    wait_s: int,
    as_json: bool,
) -> None:
    """Try a trunk: sign in, or run the script with a dry number."""
    if to is None and text is not None:
        raise click.UsageError("--text needs --to NUMBER.")
    with context.db.transaction() as tx:
        row = trunks.by_name(tx, name)
    single = _checked(context, row, to, text) if to is not None else None
    passed, steps = _try_out(context, row)
    said = [results.text(code, detail) for code, detail in steps]
    if single is None or not passed:
        _say(name, passed, said, as_json)
        return
    if not as_json:
        for line in said:
            click.echo(line)
    _probe(context, row, single, said, wait_s, as_json)


def _say(name: str, passed: bool, said: Sequence[str], as_json: bool) -> None:
    """What trying it has shown. Raises Refused when it does not work."""
    if as_json:
        show_json({"passed": passed, "steps": said})
    elif passed:
        for line in said:
            click.echo(line)
        click.echo(f"Trunk {name} works.")
    if not passed:
        raise Refused(said[-1] if said else "no answer")


def _try_out(context: Context, row: Row) -> tuple[bool, Steps]:
    """Here, or by the service when that may have its port open."""
    if row["kind"] in registry.HELD_BY_ONE and row["active"]:
        with context.db.transaction() as tx:
            runs = bool(services.running(tx))
        if runs:
            return _by_service(context, row)
    values = {**row["settings"], **context.vault.open(row["secrets"])}
    settings = TrunkSettings(
        row["id"],
        row["name"],
        row["kind"],
        values,
        context.config.scripts_dir,
        lambda: context.settings.webhook_hosts,
        pins=StoredPins(context.db, PinHash(context.config.secret_key)),
    )
    return registry.try_out(settings)


def _by_service(context: Context, row: Row) -> tuple[bool, Steps]:
    db, who = context.db, context.actor.name
    test_id = db.atomically(lambda tx: trunk_tests.request(tx, row["id"], who))
    until_s = time.monotonic() + ASKED_S
    while time.monotonic() < until_s:
        found = db.atomically(lambda tx: trunk_tests.by_id(tx, test_id))
        if found is None or found["state"] == "done":
            break
        time.sleep(LOOK_S)
    if not found or found["state"] != "done":
        raise Refused("The service did not answer within a minute.")
    return bool(found["passed"]), [(code, detail) for code, detail in found["steps"]]


def _checked(context: Context, row: Row, to: str, text: str | None) -> Single:
    """The message as it will leave. Raises Refused."""
    if text is None:
        text = alphabet_probe.probe_text(row["kind"], row["settings"])
    single = check_single(to, text, "", context.settings.number_plan)
    if isinstance(single, Mapping):
        raise refuse(single)
    number = single.number.e164
    with context.db.transaction() as tx:
        runs = bool(services.running(tx))
        source = blocked_numbers.source_of(tx, number, OUTPUT_QUEUE_ID)
    if problem := probes.why_not(row, service_runs=runs):
        raise refuse(problem)
    if source:
        raise refuse(refusal(number, source))
    return single


def _probe(
    context: Context,
    trunk: Row,
    single: Single,
    said: Sequence[str],
    wait_s: int,
    as_json: bool,
) -> None:
    """Sends it, saying each step as it happens. Raises Refused when not taken."""
    db, actor = context.db, context.actor
    probe_id = db.atomically(lambda tx: trunk_probes.request(tx, trunk, single, actor))
    until_s, has_gone = time.monotonic() + LEAVES_S, False
    shown = 0
    while True:
        is_late = time.monotonic() >= until_s
        if is_late:
            db.atomically(lambda tx: _take_back(tx, context, trunk, probe_id))
        probe = db.atomically(lambda tx: _read(tx, trunk, probe_id))
        if not has_gone and not probe.is_on_its_way:  # only now its receipt is awaited
            has_gone, is_late = True, False
            until_s = time.monotonic() + wait_s
        steps = probes.steps(probe)
        is_over = is_late or not probe.is_open
        sure = len(steps) if is_over else _sure(steps)
        if not as_json:
            for step in steps[shown:sure]:
                click.echo(step.words.text.strip())
        shown = max(shown, sure)
        if is_over:
            break
        time.sleep(LOOK_S)
    if as_json:
        show_json(_as_json(probe, said, steps))
    if not probe.is_good:
        wrong = [step for step in steps if step.state == probes.WRONG]
        raise Refused((wrong or steps)[-1].words.text.strip())


def _read(tx: Transaction, trunk: Row, probe_id: int) -> probes.Probe:
    probe = trunk_probes.of_trunk(tx, trunk, trunk_probes.by_id(tx, probe_id))
    assert probe is not None
    return probe


def _take_back(tx: Transaction, context: Context, trunk: Row, probe_id: int) -> None:
    """What still waits must not leave when nobody looks any more."""
    message_id = _read(tx, trunk, probe_id).row["message_id"]
    row = messages.by_id(tx, int(str(message_id)))
    if row is not None and messages.cancel(tx, row, context.actor.name):
        details = {"message_id": message_id, "state": ["queued", "cancelled"]}
        audit.record(
            tx, context.actor, "message.cancel", masked(row["number"]), details
        )


def _sure(steps: Sequence[probes.Step]) -> int:
    """How many of the steps stay as they are."""
    return next((n for n, s in enumerate(steps) if s.state == probes.NOW), len(steps))


def _as_json(
    probe: probes.Probe, said: Sequence[str], steps: Sequence[probes.Step]
) -> dict[str, object]:
    row = probe.row
    return {
        "passed": probe.is_good,
        "steps": [*said, *(step.words.text.strip() for step in steps)],
        "message_id": row["message_id"],
        "number": row["number"],
        "state": probe.state,
        "smsc_message_ids": row["smsc_message_ids"],
        "receipt_id": row["receipt_id"],
        "alphabet": probes.alphabet_found(probe),
    }
