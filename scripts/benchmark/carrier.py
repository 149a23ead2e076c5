"""A process that carries out the jobs that wait, as a web worker does, and ends."""

from __future__ import annotations

import os
import secrets
import threading

from massivesms import background
from massivesms.config import load as load_config
from massivesms.store.db import Database
from massivesms.vault import NumberHash
from massivesms_web.job_runner import carriers


def main() -> None:
    """Until no job is left."""
    config = load_config(os.environ["MASSIVESMS_CONFIG"])
    db = Database(config.database, hash_of=NumberHash(config.secret_key))
    owner = secrets.token_hex(16)
    ways = carriers(config)
    while background.run_next(db, owner, threading.Event(), ways):
        continue
    db.close()


if __name__ == "__main__":
    main()
