"""Owns a filled database, backups of it, and what all tables hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from massivesms.config import Config
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.words import Problem
from massivesms.store import audit, imports, lists, roles, trunks, users
from massivesms.store.audit import Actor
from massivesms.store.backups import LEFT_OUT
from massivesms.store.db import Database
from massivesms.store.imports import RowProblem
from massivesms.store.messages import NewMessage, enqueue, enqueue_single
from massivesms.store.trunks import TrunkDraft
from massivesms.vault import Vault
from tests.cli.conftest import Ran, in_process
from tests.store import examples

PASSWORD = "planted-p4ssw0rd"
ODD = "a'b\\c\"d\n\r\t\x00\x1a%s ñ € 😀 ,NULL,'x'"
ANA = Actor("ana", "192.0.2.1")

Run = Callable[..., Ran]


@pytest.fixture
def run(config: Config, db: Database) -> Run:
    """Runs `massivesms` with nobody else connected to the database."""

    def call(*words: object, **more: Any) -> Ran:
        db.close()
        return in_process("--config", config.file, *words, **more)

    return call


@pytest.fixture
def filled(db: Database, config: Config) -> Database:
    """A database with something in every table that people's data are in."""
    vault = Vault(config.secret_key())
    with db.transaction() as tx:
        sealed = vault.seal({"password": PASSWORD})
        draft = TrunkDraft("Exit", "smpp", settings={"host": ODD}, secrets=sealed)
        trunk = trunks.create(tx, draft, ANA)
        operator = roles.by_name(tx, "operator")["id"]
        users.create(tx, "eva", operator, "$argon2id$x", ANA)
        examples.contacts(tx, "Customers", 20)
        lists.create(tx, ODD.replace("\x00", "")[:20], ODD, ANA)
        campaign = examples.campaign(tx, "Offer", 30, trunk_id=trunk, paused=False)
        import_id = imports.create(tx, "file", campaign_id=campaign, created_by="ana")
        bad = RowProblem(3, ODD, ODD, Problem("invalid", "No."))
        imports.add_problems(tx, import_id, [bad])
        enqueue(tx, campaign, [NewMessage("+34600111222", False, 2, ODD)], import_id)
        enqueue_single(
            tx,
            NewMessage("+34600111223", True, 1, "single"),
            campaign_id=OUTPUT_QUEUE_ID,
            trunk_id=trunk,
        )
        ours = examples.claim(tx, campaign, trunk, 6)
        examples.settle(tx, ours[:3], trunk, "submitted", ids=["ID\\1"])
        audit.record(tx, ANA, "list.create", ODD, {"odd": ODD})
        tx.execute("UPDATE trunk SET rate_per_s = 0.125, cost_per_segment = 12.3456")
        tx.execute(
            "INSERT INTO receipt (trunk_id, smsc_message_id, state, received_at)"
            " VALUES (1, 'R1', 'delivered', '2026-02-03 04:05:06.789')"
        )
        tx.execute("INSERT INTO sso_nonce VALUES (UNHEX(SHA2('x', 256)), NOW());")
        tx.execute(
            "INSERT INTO erased_number VALUES (UNHEX(SHA2('y', 256)), 'eva', NOW())"
        )
        tx.execute("INSERT INTO setting VALUES ('country_code', '34', NOW(3))")
        tx.execute(
            "INSERT INTO user (source, pbx_id, name, role_id, password_hash, extension,"
            " pbx_groups, created_at) VALUES ('issabel', 'user.7', 'eva', 3, '', '101',"
            " '[\"*everybody\"]', NOW(3))"
        )
        tx.execute(
            "UPDATE pbx_group SET role_id = 3, seen_at = NOW() WHERE role_id = 2"
        )
        tx.execute("INSERT INTO taken_over VALUES ('list', 'o:1', 1, 9, NOW(3))")
        tx.execute("INSERT INTO purge_progress VALUES ('message', 7, NULL, 30, NULL)")
        tx.execute("INSERT INTO call_record_outbox (message_id) VALUES (1)")
        tx.execute("INSERT INTO load_number VALUES (1, 1, '600')")
        tx.execute(
            "INSERT INTO load_job (kind, params, created_by, created_at)"
            " VALUES ('call_records', '{}', 'ana', NOW())"
        )
    script = config.scripts_dir / "send.sh"
    script.write_text("#!/bin/sh\necho '0;sent;0;0'\n")
    script.chmod(0o750)
    return db


def dump(db: Database, *leave: str) -> dict[str, object]:
    """Every row and the definition of every table."""
    found: dict[str, object] = {}
    with db.transaction() as tx:
        names = [name for (name,) in tx.tuples("SHOW TABLES")]
        for name in names:
            if name not in LEFT_OUT and name not in leave:
                found[name] = sorted(tx.tuples(f"SELECT * FROM `{name}`"), key=repr)
                definition = tx.tuples(f"SHOW CREATE TABLE `{name}`")[0][1]
                found[f"{name} definition"] = definition
    return found


@pytest.fixture
def backup(run: Run, filled: Database, tmp_path: Path) -> Path:
    """A backup of the filled database."""
    file = tmp_path / "massivesms.backup"
    run("backup", file).done()
    return file
