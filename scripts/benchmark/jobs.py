"""Work in the background: the import wizard's count and load, and an automatic load.

The wizard's jobs are carried out as a web worker does it, in a process of its own
(benchmark.carrier); the automatic load is the command that runs a source now.
"""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from massivesms.automatic import drafts
from massivesms.config import load as load_config
from massivesms.domain.sources import MOST_TIMEOUT_S, Draft
from massivesms.intake import mapping, staging
from massivesms.store import sources, staged_loads
from massivesms.store.audit import Actor
from massivesms.vault import Vault
from scripts.benchmark import contacts
from scripts.benchmark.drain import must_be
from scripts.benchmark.growing import PLACES, WAITING
from scripts.benchmark.house import House, Installation, value
from scripts.benchmark.processes import watched
from scripts.demonstration.place import DemoFailed

ACTOR = Actor("bench", "")
MAPPED = {0: mapping.NUMBER, 1: "first_name", 2: "last_name", 3: "saldo"}
SOURCE = "appointments"
CHECKED = "SELECT JSON_VALUE(checked, '$.accepted') FROM staged_load WHERE id = %s"
INCLUDED = "SELECT included FROM list WHERE name = 'wizard'"
CAMPAIGN = "SELECT MAX(id) FROM campaign"
TABLE = "CREATE TABLE visit (telefono TEXT, nombre TEXT, apellido TEXT, saldo TEXT)"


def measure(house: House, rows: int) -> dict[str, Any]:
    """`jobs` as it stands in the JSON."""
    installation = house.installation("jobs")
    found: dict[str, float] = {"rows": rows}
    found |= _wizard(house, installation, rows)
    found |= _automatic(installation, rows)
    return {"jobs": found}


def _wizard(house: House, installation: Installation, rows: int) -> dict[str, float]:
    config = load_config(str(installation.config_file))
    file = house.directory / "staged.csv"
    contacts.write_csv(file, rows, contacts.FIELDS)
    with file.open("rb") as opened:
        kept, size = staging.keep(config.exports_dir, opened)
    file.unlink()
    db = installation.database()
    with db.transaction() as tx:
        staged = staged_loads.create(tx, file.name, kept, size, ACTOR.name)
        staged_loads.choose_columns(tx, staged, MAPPED)
        staged_loads.choose_target(tx, staged, "new_list", list_name="wizard")
        staged_loads.begin_check(tx, staged, ACTOR, "en")
    count_s, count_mb = _carried_out(installation)
    with installation.connect() as plain:
        must_be(rows, "counted", value(plain, CHECKED, staged))
    with db.transaction() as tx:
        staged_loads.begin_load(tx, staged, {"address": ""}, ACTOR)
    load_s, load_mb = _carried_out(installation)
    db.close()
    with installation.connect() as plain:
        must_be(rows, "loaded", value(plain, INCLUDED))
    return {
        "wizard_count_s": count_s,
        "wizard_load_s": load_s,
        "wizard_mb_max": max(count_mb, load_mb),
    }


def _carried_out(installation: Installation) -> tuple[float, float]:
    """Seconds and most memory of a process that carries out what waits."""
    command = [sys.executable, "-m", "scripts.benchmark.carrier"]
    return watched(installation.start("carrier", command))


def _automatic(installation: Installation, rows: int) -> dict[str, float]:
    config = load_config(str(installation.config_file))
    config.sources_dir.mkdir(exist_ok=True)
    path = config.sources_dir / "visits.db"
    _write_database(path, rows)
    draft = Draft(
        SOURCE,
        "sqlite",
        place=str(path),
        query="SELECT telefono, nombre, apellido, saldo FROM visit",
        text=PLACES,
        most_rows=rows,
        timeout_s=MOST_TIMEOUT_S,
        paused=True,
    )
    new = drafts.new(draft, Vault(config.secret_key()), datetime.now(UTC))
    if isinstance(new, dict):
        raise DemoFailed(f"the source is refused: {new}")
    db = installation.database()
    with db.transaction() as tx:
        sources.create(tx, new, ACTOR)
    db.close()
    took_s, most_mb = watched(installation.begin("source", "run", SOURCE))
    path.unlink()
    with installation.connect() as plain:
        campaign_id = value(plain, CAMPAIGN)
        must_be(rows, "automatically", value(plain, WAITING, campaign_id))
    return {"automatic_s": took_s, "automatic_mb_max": most_mb}


def _write_database(path: Path, rows: int) -> None:
    with sqlite3.connect(path) as database:
        database.execute(TABLE)
        made = ((number, *own) for number, own in contacts.people(rows))
        database.executemany("INSERT INTO visit VALUES (?, ?, ?, ?)", made)
    database.close()
