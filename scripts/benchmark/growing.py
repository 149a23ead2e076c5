"""Campaigns of texts with places, bulk files, and the plan of a large campaign.

Each is loaded by the command line while another campaign is claimed from. The plan is
that of the page before sending, asked for through the web module.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scripts.benchmark import claiming, contacts
from scripts.benchmark.drain import must_be
from scripts.benchmark.express import percentile
from scripts.benchmark.house import House, Installation, value
from scripts.benchmark.pages import signed_in
from scripts.benchmark.processes import watched

PLACES = "Hola <nombre>: su saldo es de <saldo> euros."
TEXT = "Su pedido está listo."
TARGETS = ("first", "second", "third")
CLAIMED = 100_000
LOOKS, UNCOUNTED = 20, 2
CAMPAIGN = "SELECT id FROM campaign WHERE name = %s"
WAITING = """
SELECT SUM(messages) FROM campaign_count WHERE campaign_id = %s AND state = 'queued'"""


def measure(house: House, rows: int) -> dict[str, Any]:
    """`growing` as it stands in the JSON."""
    installation = house.installation("growing")
    claimed_id = claiming.prepare(installation, CLAIMED)
    for n in range(1, 4):
        installation.add_trunk(f"trunk {n}", 2775)
    fields = house.directory / "fields.csv"
    contacts.write_csv(fields, rows, contacts.FIELDS)
    contacts.list_of(installation, "all", fields)
    found: dict[str, float] = {"rows": rows}
    text = ("campaign", "create", "{}", "--message", PLACES)
    ways = {"file": ("--csv", str(fields), "--again"), "list": ("--list", "all")}
    for name, source in ways.items():
        command = (*(part.format(name) for part in text), *source)
        found |= _load(installation, claimed_id, name, command)
        with installation.connect() as db:
            campaign_id = value(db, CAMPAIGN, name)
            must_be(rows, f"from a {name}", value(db, WAITING, campaign_id))
    fields.unlink()
    found |= _bulk(house, installation, claimed_id, rows)
    found |= _plan(installation, campaign_id)
    return {"growing": found}


def _load(
    installation: Installation, claimed_id: int, name: str, command: tuple[str, ...]
) -> dict[str, float]:
    with claiming.claiming(installation, claimed_id) as waits:
        took_s, most_mb = watched(installation.begin(*command))
    return {
        f"{name}_s": took_s,
        f"{name}_mb_max": most_mb,
        f"{name}_claim_ms_max": waits.longest_ms,
        f"{name}_claim_ms_p99": percentile(waits.times_s, 99) * 1000,
    }


def _bulk(
    house: House, installation: Installation, claimed_id: int, rows: int
) -> dict[str, float]:
    for name in TARGETS:
        installation.command(
            *("campaign", "create", name, "--message", TEXT, "--list", claiming.NAME)
        )
    file = house.directory / "bulk.csv"
    _write_bulk(file, rows)
    found = _load(installation, claimed_id, "bulk", ("bulk", str(file), "--again"))
    file.unlink()
    with installation.connect() as db:
        ids = [value(db, CAMPAIGN, name) for name in TARGETS]
        waiting = sum(value(db, WAITING, one) for one in ids)
        must_be(rows + len(TARGETS) * CLAIMED, "with the bulk file's", waiting)
    return found


def _write_bulk(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("campaign;number;message;priority\r\n")
        for n, (number, own) in enumerate(contacts.people(rows)):
            target = TARGETS[n % len(TARGETS)]
            out.write(f"{target};{number};Hola {own[0]}, pedido {n};{n % 10}\r\n")


def _plan(installation: Installation, campaign_id: int) -> dict[str, float]:
    with ExitStack() as stack:
        visitor = signed_in(installation, stack, secrets.token_hex(12))
        path = f"/campaigns/{campaign_id}/preview"
        times = [visitor.timed_ms(path) for _ in range(LOOKS + UNCOUNTED)]
    counted = times[UNCOUNTED:]
    return {
        "plan_ms_p50": percentile(counted, 50),
        "plan_ms_p95": percentile(counted, 95),
    }
