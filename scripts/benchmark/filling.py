"""Fills a database with messages as years of use would leave them, but in minutes.

One INSERT makes them all from MariaDB's sequences: ten million in about three
minutes. Numbers are in no order; the states, campaigns and counts are as the service
would have left them.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from scripts.benchmark.texts import TEXT
from scripts.demonstration.place import DemoFailed

BYTES_PER_MESSAGE = 600  # with indexes, and what sorting them needs meanwhile
SPARE_BYTES = 2_000_000_000
OUTPUT_QUEUE_ID = 1
FIRST_CAMPAIGN_ID = 2
#: Small campaigns are alike in every database, so that pages show as much.
SMALL, SMALL_MESSAGES = 52, 100
#: Of the other messages, in thousandths; the output queue has the rest.
LARGE = (400, 200, 120, 100, 60, 40, 30, 20)
HALF_SENT, DOUBTS = 3, 4  # places of a campaign that is half sent, and of doubts
IN_DOUBT = 200
LISTS = 60
AUDITED = 5000

CAMPAIGN = """
INSERT INTO campaign (id, name, text, paused, open, created_by, created_at, changed_at)
VALUES (%s, %s, %s, %s, %s, 'bench', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""
SHARES = """
CREATE TEMPORARY TABLE share (campaign_id INT UNSIGNED NOT NULL PRIMARY KEY,
  kind VARCHAR(8) NOT NULL, first BIGINT UNSIGNED NOT NULL,
  last BIGINT UNSIGNED NOT NULL)"""
SHARE = "INSERT INTO share VALUES (%s, %s, %s, %s)"
FILL = """
INSERT INTO message (id, campaign_id, state, number, is_local, text, segments, trunk_id,
  created_at, claimed_at, submitted_at, settled_at, result_code, smsc_message_id)
SELECT seq, campaign_id, state,
  CONCAT('+346', LPAD(MOD(seq * 7368787, 100000000), 8, '0')), 1,
  IF(campaign_id = 1, 'Your code is 123456', NULL), IF(MOD(seq, 20) = 0, 2, 1),
  IF(state = 'queued', NULL, 1 + MOD(seq, 3)), at, IF(state = 'queued', NULL, at),
  IF(state IN ('queued', 'rejected', 'failed'), NULL, at),
  IF(state IN ('queued', 'in_doubt'), NULL, at),
  CASE state WHEN 'rejected' THEN 'smpp_11' WHEN 'in_doubt' THEN 'answer_timeout' END,
  IF(state IN ('queued', 'rejected', 'failed', 'in_doubt') OR MOD(seq, 20) = 0, NULL,
     LPAD(HEX(seq), 10, '0'))
FROM (
  SELECT s.seq, p.campaign_id,
    TIMESTAMP('2026-01-01') + INTERVAL CAST(s.seq * {every_us} AS UNSIGNED) MICROSECOND
      AS at,
    CASE WHEN p.kind = 'half' AND s.seq > (p.first + p.last) / 2 THEN 'queued'
         WHEN p.kind = 'doubts' AND s.seq < p.first + {in_doubt} THEN 'in_doubt'
         ELSE ELT(1 + INTERVAL(MOD(s.seq * 7919, 100), 82, 90, 94, 96, 98),
                  'delivered', 'submitted', 'undelivered', 'expired', 'rejected',
                  'failed') END AS state
  FROM share p STRAIGHT_JOIN seq_1_to_{messages} s ON s.seq BETWEEN p.first AND p.last
) made"""
SEGMENTS = """
INSERT INTO segment (message_id, position, trunk_id, smsc_message_id, state)
SELECT m.id, p.seq, m.trunk_id, LPAD(HEX(m.id * 2 + p.seq), 11, '0'), m.state
FROM message m JOIN seq_1_to_2 p
WHERE m.segments = 2 AND m.state IN ('submitted', 'delivered')"""
COUNTS = """
INSERT INTO campaign_count (campaign_id, state, trunk_id, messages, segments)
SELECT campaign_id, state, COALESCE(trunk_id, 0), COUNT(*), SUM(segments)
FROM message GROUP BY campaign_id, state, COALESCE(trunk_id, 0)"""
TRAFFIC = """
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments, first_id,
  last_id)
SELECT DATE_FORMAT(settled_at, '%Y-%m-%d %H:00:00') AS hour, campaign_id,
  COALESCE(trunk_id, 0), state, COUNT(*), SUM(segments), MIN(id), MAX(id)
FROM message WHERE settled_at IS NOT NULL
GROUP BY hour, campaign_id, COALESCE(trunk_id, 0), state"""
LIST = """
INSERT INTO list (id, name, included, created_by, created_at)
VALUES (%s, %s, %s, 'bench', UTC_TIMESTAMP(3))"""
CONTACTS = """
INSERT INTO contact (list_id, number, is_local, created_at)
SELECT %s, CONCAT('+346', LPAD(MOD(seq * 7368787, 100000000), 8, '0')), 1,
  UTC_TIMESTAMP(3)
FROM seq_1_to_{contacts}"""
AUDIT = """
INSERT INTO audit (at, user_name, action, subject, details)
SELECT UTC_TIMESTAMP(3), 'bench', 'campaign.stop', CONCAT('Campaign ', seq), '{{}}'
FROM seq_1_to_{audited}"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Ids of what the pages show."""

    largest: int  # a campaign that is over
    half_sent: int
    doubts: int
    middle: int  # a message in the middle of the largest campaign
    number: str  # of that message, as a person types it
    list_id: int


def must_fit(directory: Path, messages: int) -> None:
    """Raises DemoFailed when the disk is too small."""
    needed = messages * BYTES_PER_MESSAGE + SPARE_BYTES
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise DemoFailed(
            f"{messages:,} messages need {needed / 1e9:.1f} GB in {directory}, "
            f"{free / 1e9:.1f} GB are free: use --pages-messages for fewer"
        )


def fill(db: pymysql.Connection[Any], messages: int, contacts: int) -> Filled:
    """Puts everything into an installation that has three trunks and no messages."""
    with db.cursor() as cursor:
        ends = _campaigns(cursor, messages)
        every_us = max(1, int(200 * 86_400e6 / messages))  # 200 days in all
        made = FILL.format(messages=messages, every_us=every_us, in_doubt=IN_DOUBT)
        cursor.execute(made)
        cursor.execute(SEGMENTS)
        cursor.execute(COUNTS)
        cursor.execute(TRAFFIC)
        for n in range(1, LISTS + 1):
            cursor.execute(LIST, (n, f"List {n:03}", contacts if n == 1 else 0))
        cursor.execute(CONTACTS.format(contacts=contacts), (1,))
        cursor.execute(AUDIT.format(audited=AUDITED))
        cursor.execute(
            "ANALYZE TABLE message, segment, contact, campaign_count, traffic"
        )
    middle = ends[0] // 2
    return Filled(
        largest=FIRST_CAMPAIGN_ID,
        half_sent=FIRST_CAMPAIGN_ID + HALF_SENT,
        doubts=FIRST_CAMPAIGN_ID + DOUBTS,
        middle=middle,
        number=f"6{middle * 7_368_787 % 100_000_000:08}",
        list_id=1,
    )


def _campaigns(cursor: Any, messages: int) -> Sequence[int]:
    """Campaigns with their shares of the ids; the last id of each."""
    cursor.execute(SHARES)
    others = messages - SMALL * SMALL_MESSAGES
    sizes = [others * share // 1000 for share in LARGE] + [SMALL_MESSAGES] * SMALL
    last, ends = 0, []
    for place, size in enumerate(sizes):
        campaign_id, first = FIRST_CAMPAIGN_ID + place, last + 1
        last += size
        ends.append(last)
        kind = {HALF_SENT: "half", DOUBTS: "doubts"}.get(place, "over")
        is_open = int(kind == "half")
        name = f"Campaign {campaign_id}"
        cursor.execute(CAMPAIGN, (campaign_id, name, TEXT, 0, is_open))
        cursor.execute(SHARE, (campaign_id, kind, first, last))
    cursor.execute(SHARE, (OUTPUT_QUEUE_ID, "over", last + 1, messages))
    return ends
