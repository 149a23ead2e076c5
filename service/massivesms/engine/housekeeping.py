"""What the service does beside sending, each a short transaction.

Closing finished campaigns, deleting the messages of removed ones, recovering
what dead services held, giving messages of a trunk that is down another one.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path

from ..domain.routing import (
    Candidate,
    is_by_number,
    next_trunk,
    parse_tried,
    serving,
)
from ..domain.settings import Settings
from ..domain.smpp_kind import finds_receipt_ids
from ..errors import EventLogError
from ..event_log import files
from ..store import (
    answered,
    doubt_rules,
    finished_campaigns,
    inbound_seen,
    late_answers,
    messages,
    pbx_users,
    permanent,
    provider_messages,
    receipts,
    recovery,
    retention,
    services,
    traffic_roll_up,
    trunk_sessions,
    trunk_totals,
    unreadable,
    unsent,
    web_sessions,
)
from ..store.db import Database, Row, Transaction
from . import incoming

log = logging.getLogger(__name__)

PURGE_BATCH = 2000
REROUTE_BATCH = 2000
GROW_BATCHES = 3  # of contacts of permanent campaigns in one go
END_BATCHES = 3  # at a time: the heartbeat must not wait
ROLLED_UP_H = 24  # hours of traffic in one go, each a transaction


def close_finished(db: Database) -> dict[int, str]:
    """Marks campaigns of which nothing is left to send; their names by id."""
    return db.atomically(finished_campaigns.close_finished)


def end_unsent(db: Database, now: datetime, settings: Settings) -> bool:
    """Ends some of what is never sent of campaigns; True when more is left.

    Their deadline has passed by `now` (UTC), or a person has discarded it.
    """
    zone, left = settings.time_zone, END_BATCHES
    for campaign_id in db.atomically(lambda tx: unsent.due(tx, now)):
        total = 0
        while left and (
            ended := db.atomically(
                lambda tx, one=campaign_id: unsent.end_some(tx, one, now, zone)  # type: ignore[misc]
            )
        ):
            left -= 1
            total += ended
        if total:
            log.info("campaign %d: %d unsent messages were ended", campaign_id, total)
    return not left


def grow_permanent(db: Database) -> int:
    """Permanent campaigns: messages to some of who came into their lists; how many.

    Each campaign has its turn, whatever the others have: of many, a smaller one.
    """
    due = deque(db.atomically(permanent.due))
    limit = min(permanent.BATCH, GROW_BATCHES * permanent.BATCH // (len(due) or 1) or 1)
    made: Counter[int] = Counter()
    for _ in range(max(GROW_BATCHES, len(due))):
        if not due:
            break
        campaign_id = due.popleft()
        looked, taken = db.atomically(
            lambda tx, one=campaign_id: permanent.take_some(tx, one, limit)  # type: ignore[misc]
        )
        made[campaign_id] += taken
        if looked:
            due.append(campaign_id)
    for campaign_id, taken in (+made).items():
        log.info("campaign %d: %d came into its list", campaign_id, taken)
    return made.total()


def purge_removed(db: Database) -> bool:
    """Deletes one batch of each removed campaign; True when more is left."""
    more = False
    for campaign_id in db.atomically(finished_campaigns.removed):

        def delete(tx: Transaction, campaign_id: int = campaign_id) -> bool:
            deleted = messages.purge(tx, campaign_id, PURGE_BATCH)
            return bool(deleted) or not finished_campaigns.forget(tx, campaign_id)

        more = db.atomically(delete) or more
    return more


def purge_expired(db: Database) -> None:
    """Forgets expired web sessions, old tries to sign in, orphaned receipts.

    Folds old traffic into the totals.
    """
    db.atomically(web_sessions.purge)
    db.atomically(pbx_users.purge)
    db.atomically(receipts.purge)
    db.atomically(unreadable.purge)
    db.atomically(services.purge)
    db.atomically(trunk_totals.fold)


def match_receipts(db: Database, trunks: Sequence[Row]) -> None:
    """Matches some of the kept receipts again, those that are due for it."""
    finding = {t["id"] for t in trunks if finds_receipt_ids(t["kind"], t["settings"])}
    met = db.atomically(lambda tx: receipts.match_again(tx, finding))
    if met:
        log.info("%d kept receipts have met their message", met)


def roll_up_traffic(db: Database) -> bool:
    """Rolls old minutes of traffic up into hours, a day's at most; True for more."""
    return all(db.atomically(traffic_roll_up.roll_up) for _ in range(ROLLED_UP_H))


def purge_answered(db: Database, settings: Settings) -> None:
    """Forgets whom we answered when no limit goes by it any more."""
    days = settings.answers.opt_out_again_days + 1
    db.atomically(lambda tx: answered.purge(tx, days))


def skip_late_answers(db: Database, settings: Settings) -> None:
    """Ends automatic answers that could not leave for hours.

    Not those that are to wait for the sending hours.
    """
    if settings.answers.at_any_hour:
        skipped = db.atomically(late_answers.skip)
        if skipped:
            log.info("%d automatic answers came too late to be sent", skipped)


def give_up_incoming(db: Database, settings: Settings, now: datetime) -> None:
    """Stores what came in part and stays so; forgets what an operator may repeat."""
    given_up = incoming.give_up_parts(db, settings, now)
    if given_up:
        log.warning("%d incoming messages were stored incomplete", given_up)
    while db.atomically(inbound_seen.purge):
        continue
    while db.atomically(provider_messages.purge):
        continue


def purge_old(db: Database, keep_days: int | None) -> bool:
    """Purges a step of what is kept no longer; True when more is left."""
    if keep_days is None:
        return False
    came = db.atomically(lambda tx: retention.purge_inbound(tx, keep_days))
    step = db.atomically(lambda tx: retention.purge_messages(tx, keep_days))
    if not step.is_finished:
        return True
    texts = db.atomically(lambda tx: retention.purge_texts(tx, keep_days))
    rows = db.atomically(lambda tx: retention.purge_problems(tx, keep_days))
    return bool(came or texts or rows)


def purge_log(directory: Path, today: date, settings: Settings) -> None:
    """Deletes files of the event log that are older than they are kept."""
    if settings.log_keep_days is None:
        return
    try:
        removed = files.remove_old(directory, today, settings.log_keep_days)
    except EventLogError as error:
        log.warning("old event logs stay: %s", error)
        return
    if removed:
        log.info("%d old files of the event log were deleted", removed)


def recover_dead(db: Database, owner: str, driven: Collection[tuple[int, int]]) -> int:
    """Puts in doubt what dead services held on sessions that nobody drives now.

    Also what a worker of ours that has ended could not settle. Those in `driven`
    (trunk, slot) are recovered by their workers when these take the lease.
    """
    total = 0
    for trunk_id, slot, _token in db.atomically(
        lambda tx: trunk_sessions.stale(tx, owner)
    ):
        if (trunk_id, slot) not in driven:

            def take(
                tx: Transaction, trunk_id: int = trunk_id, slot: int = slot
            ) -> int:
                lease = trunk_sessions.acquire(tx, trunk_id, slot, owner)
                if lease is None:
                    return 0
                found = recovery.recover(tx, trunk_id, lease.old_token, "service_died")
                trunk_sessions.release(tx, lease, "idle", "service_died", "")
                return found

            total += db.atomically(take)
    if total:
        log.warning("%d messages are in doubt after a crash", total)
    return total


def apply_doubt_rules(db: Database) -> int:
    """Settles messages in doubt of campaigns that have a rule for them; how many."""
    total = 0
    for campaign_id, rule in db.atomically(doubt_rules.campaigns_with_doubts):
        total += db.atomically(
            lambda tx, one=campaign_id, by=rule: doubt_rules.apply(tx, one, by)  # type: ignore[misc]
        )
    if total:
        log.info("%d messages in doubt were settled by their campaign's rule", total)
    return total


def reroute(
    db: Database,
    campaign_ids: Sequence[int],
    candidates: Sequence[Candidate],
    down: Collection[int],
    removed: Collection[int],
) -> int:
    """Gives messages that wait for trunks that cannot send another one; how many.

    `down` are trunks that cannot send now: those of them that are no candidates are
    turned off, and what all others have refused ends as failed. What waits for one
    of `removed` and may go nowhere else ends so too.
    """
    active = {c.trunk_id for c in candidates}

    def work(tx: Transaction, campaign_id: int) -> int:
        moved = 0
        for trunk_id in (*down, *removed):
            is_active = trunk_id in active
            moved += _reroute_one(tx, campaign_id, trunk_id, candidates, is_active)
        for trunk_id in removed:
            moved += _fail_stranded(tx, campaign_id, trunk_id)
        return moved

    return sum(
        db.atomically(lambda tx, one=campaign_id: work(tx, one))  # type: ignore[misc]
        for campaign_id in campaign_ids
    )


def _fail_stranded(tx: Transaction, campaign_id: int, trunk_id: int) -> int:
    """Ends messages that a removed trunk alone could have sent."""
    stranded = recovery.waiting_on(
        tx, campaign_id, trunk_id, REROUTE_BATCH, pinned=True
    )
    for message_id, _, _ in stranded:
        recovery.fail_waiting(tx, campaign_id, message_id, "no_trunk_left")
    return len(stranded)


def _reroute_one(
    tx: Transaction,
    campaign_id: int,
    trunk_id: int,
    candidates: Sequence[Candidate],
    is_active: bool,
) -> int:
    by_route: dict[int, list[int]] = {}
    moved = 0
    by_number = is_by_number(candidates)
    for message_id, stored, number in recovery.waiting_on(
        tx, campaign_id, trunk_id, REROUTE_BATCH
    ):
        tried = parse_tried(stored)
        if not tried and not by_number:
            by_route.setdefault(0, []).append(message_id)
            continue
        serving_it = serving(candidates, number)
        able = [c for c in serving_it if c.available]
        other = next_trunk(able, (*tried, trunk_id))
        if other is not None:
            by_route.setdefault(other, []).append(message_id)
        elif not is_active and next_trunk(serving_it, tried) is None:
            recovery.fail_waiting(tx, campaign_id, message_id, "no_trunk_left")
            moved += 1
    for route, ids in by_route.items():
        moved += recovery.reroute(tx, ids, trunk_id, route)
    return moved
