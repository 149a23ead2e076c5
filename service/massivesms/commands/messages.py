"""massivesms send"""

from __future__ import annotations

import time
from collections.abc import Mapping

import click

from ..domain.blocked_numbers import refusal
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.singles import Single, check_single
from ..domain.states import MessageState
from ..domain.words import N_, Problem
from ..store import audit, blocked_numbers, messages, services, trunks
from ..store.db import Row, Transaction
from . import characters
from .campaigns import shown_message
from .context import Context, Refused, json_option, pass_context, refuse, show_json

WAIT_S = 60.0
LOOK_S = 0.1
GOOD = {MessageState.SUBMITTED, MessageState.DELIVERED}
WAITING = {MessageState.QUEUED, MessageState.SUBMITTING}


@click.command()
@click.argument("number")
@click.argument("text")
@click.option("--trunk", "trunk_name", help="Only this trunk; otherwise by priority.")
@click.option("--sender", default="", help="Sender; otherwise the trunk's.")
@click.option("--queue", is_flag=True, help="Put it in the output queue, do not wait.")
@characters.option
@json_option
@pass_context
def send(
    context: Context,
    /,
    number: str,
    text: str,
    trunk_name: str | None,
    sender: str,
    queue: bool,
    as_json: bool,
    **how: str,
) -> None:
    """Send one message: at once, showing what came of it, or by the queue."""
    settings = context.settings
    text = characters.cheaper(context, text, how["characters"])
    single = check_single(
        number, text, sender, settings.number_plan, settings.signature
    )
    if isinstance(single, Mapping):
        raise refuse(single)
    chosen = single

    def work(tx: Transaction) -> int:
        return enqueue(tx, context, chosen, trunk_name, express=not queue)

    message_id = context.db.atomically(work)
    row = _read(context, message_id) if queue else _wait(context, message_id)
    with context.db.transaction() as tx:
        shown = shown_message(row, trunks.names(tx))
    if as_json:
        show_json(shown)
    if not queue and row["state"] not in GOOD:
        raise Refused(shown["result"] or _still_waiting(message_id))
    if not as_json:
        click.echo(f"{shown['number']}: {shown['state']} {shown['result']}".rstrip())


def enqueue(
    tx: Transaction,
    context: Context,
    single: Single,
    trunk_name: str | None,
    *,
    express: bool,
) -> int:
    """Puts one message into the output queue, or refuses it; its id."""
    if express and not services.running(tx):
        raise refuse(
            Problem(
                "service_stopped",
                N_(
                    "The service is not running: nothing was sent. Start it with"
                    " service massivesms start, or use --queue."
                ),
            )
        )
    source = blocked_numbers.source_of(tx, single.number.e164, OUTPUT_QUEUE_ID)
    if source:
        raise refuse(refusal(single.number.e164, source))
    trunk_id = trunks.by_name(tx, trunk_name)["id"] if trunk_name else None
    new = messages.NewMessage(
        single.number.e164, single.number.is_local, single.segments, single.text
    )
    message_id = messages.enqueue_single(
        tx,
        new,
        campaign_id=OUTPUT_QUEUE_ID,
        trunk_id=trunk_id,
        sender_id=single.sender_id,
        express=express,
        created_by=context.actor.name,
    )
    audit.record(tx, context.actor, "message.send", single.number.masked)
    return message_id


def _wait(context: Context, message_id: int) -> Row:
    until_s = time.monotonic() + WAIT_S
    row = _read(context, message_id)
    while row["state"] in WAITING and time.monotonic() < until_s:
        time.sleep(LOOK_S)
        row = _read(context, message_id)
    return row


def _read(context: Context, message_id: int) -> Row:
    row = context.db.atomically(lambda tx: messages.by_id(tx, message_id))
    assert row is not None
    return row


def _still_waiting(message_id: int) -> str:
    return f"message {message_id} still waits in the output queue"
