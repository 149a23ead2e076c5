"""Import: a file into a list, and a list into a campaign, against bare SQL.

The file goes in by the command line, the whole of its process counted; the bare
LOAD DATA reads the same file into a table of one unique key, without a look at
what the numbers are. Both leave the same disk behind them: durable commits.
"""

from __future__ import annotations

import csv
import random
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from massivesms.domain.campaigns import Draft
from massivesms.intake import campaign_loads
from massivesms.store import lists
from massivesms.store.audit import Actor
from scripts.benchmark.drain import must_be
from scripts.benchmark.house import House, Installation, value
from scripts.benchmark.processes import watched
from scripts.benchmark.texts import TEXT
from scripts.demonstration.place import DemoFailed

EVERY_BAD = 100  # of so many rows one is a duplicate, and one is no number:
TWICE, NONE = 50, 99
NUMBERS = 100_000_000  # eight digits after the 6
NOT_A_NUMBER = ("n/a", "12", "91123", "6001", "ask again")
ACTOR = Actor("bench", "")

BARE_LIST = """
CREATE OR REPLACE TABLE bare_list (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,
  name VARCHAR(120) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY number (number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
BARE_LOAD = """
LOAD DATA LOCAL INFILE %s IGNORE INTO TABLE bare_list CHARACTER SET utf8mb4
FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES (number, name)"""
BARE_MESSAGE = "CREATE OR REPLACE TABLE bare_message LIKE message"
BARE_CAMPAIGN = """
INSERT INTO bare_message (campaign_id, number, is_local, segments, created_at)
SELECT 2, number, is_local, 1, UTC_TIMESTAMP(3) FROM contact WHERE list_id = %s"""
EMPTY_MESSAGE = "TRUNCATE TABLE message"
EMPTY_CONTACT = "TRUNCATE TABLE contact"
LOADED = "SELECT accepted, duplicates, refused FROM import ORDER BY id DESC LIMIT 1"
LIST_ID = "SELECT id FROM list WHERE name = %s"


@dataclass(frozen=True, slots=True)
class File:
    """What was written, and what must become of its rows."""

    path: Path
    rows: int
    good: int
    duplicates: int
    refused: int


def measure(house: House, rows: int, runs: int) -> dict[str, Any]:
    """`import` as it stands in the JSON."""
    installation = house.installation("import")
    file = write_file(house.directory / "contacts.csv", rows)
    found = []
    for run in range(1, runs + 1):
        bare_s = _bare_load(installation, file)
        load_s, rss_mb = _load(installation, file, f"list {run}")
        bare_campaign_s = _bare_campaign(installation, file, f"list {run}")
        campaign_s = _campaign(installation, file, f"list {run}")
        with installation.connect() as db:
            value(db, EMPTY_CONTACT)
        found.append(
            {
                "ratio": bare_s / load_s,
                "per_second": rows / load_s,
                "bare_per_second": rows / bare_s,
                "rss_mb_max": rss_mb,
                "campaign_ratio": bare_campaign_s / campaign_s,
                "campaign_per_second": file.good / campaign_s,
                "bare_campaign_per_second": file.good / bare_campaign_s,
            }
        )
    medians = {name: median(one[name] for one in found) for name in found[0]}
    return {"import": {"rows": rows, **medians, "runs": found}}


def write_file(path: Path, rows: int) -> File:
    """Numbers in no order with names; one of a hundred comes twice, one is none."""
    chance = random.Random(7)
    kinds = [n % EVERY_BAD for n in range(rows)]
    duplicates, refused = kinds.count(TWICE), kinds.count(NONE)
    numbers = chance.sample(range(NUMBERS), rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("número", "nombre"))
        for n, kind in enumerate(kinds):
            number = f"6{numbers[n]:08}"
            if kind == NONE:
                number = NOT_A_NUMBER[n % len(NOT_A_NUMBER)]
            elif kind == TWICE:
                earlier = chance.randrange(n // EVERY_BAD + 1) * EVERY_BAD
                number = f"6{numbers[earlier]:08}"
            writer.writerow((number, f"Núñez {n}"))
    return File(path, rows, rows - duplicates - refused, duplicates, refused)


def _load(installation: Installation, file: File, name: str) -> tuple[float, float]:
    """Seconds and most memory of the command that loads the file."""
    process = installation.begin(
        "list", "create", name, "--csv", str(file.path), "--again"
    )
    took_s, most_mb = watched(process)
    with installation.connect() as db, db.cursor() as cursor:
        cursor.execute(LOADED)
        found = cursor.fetchone()
    wanted = (file.good, file.duplicates, file.refused)
    if found != wanted:
        raise DemoFailed(f"{wanted} good, double and bad rows became {found}")
    return took_s, most_mb


def _bare_load(installation: Installation, file: File) -> float:
    with installation.connect() as db, db.cursor() as cursor:
        cursor.execute(BARE_LIST)
        began_s = time.monotonic()
        cursor.execute(BARE_LOAD, (str(file.path),))
        return time.monotonic() - began_s


def _campaign(installation: Installation, file: File, name: str) -> float:
    """In this process, because starting another one is no part of it."""
    db = installation.database()
    with installation.connect() as connection:
        value(connection, EMPTY_MESSAGE)
    with db.transaction() as tx:
        chosen = lists.by_name(tx, name)
    began_s = time.monotonic()
    loaded = campaign_loads.create_campaign_from_list(
        db, Draft(name, TEXT, list_id=chosen["id"]), chosen, ACTOR
    )
    took_s = time.monotonic() - began_s
    db.close()
    must_be(file.good, "in the campaign", loaded.accepted)
    return took_s


def _bare_campaign(installation: Installation, file: File, name: str) -> float:
    with installation.connect() as db, db.cursor() as cursor:
        list_id = value(db, LIST_ID, name)
        cursor.execute(BARE_MESSAGE)
        began_s = time.monotonic()
        must_be(file.good, "bare", cursor.execute(BARE_CAMPAIGN, (list_id,)))
        took_s = time.monotonic() - began_s
        cursor.execute("DROP TABLE bare_message")
    return took_s
