"""Owns an installation in which every address leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Flask
from werkzeug.routing import Rule

from massivesms import mail_drafts
from massivesms.config import Config
from massivesms.domain.answer_rules import AnswerRule
from massivesms.domain.calls import Query
from massivesms.domain.holidays import Holiday
from massivesms.domain.permissions import Permission
from massivesms.domain.sources import Draft as SourceDraft
from massivesms.domain.templates import Draft as Template
from massivesms.domain.timetables import Slot, Timetable
from massivesms.domain.webhooks import Draft as WebhookDraft
from massivesms.event_log import files
from massivesms.intake import block_loads, staging, wizard
from massivesms.store import (
    answer_rules,
    blocked_numbers,
    export_jobs,
    holidays,
    imports,
    inbound,
    load_jobs,
    mail_tests,
    mails,
    modem_searches,
    roles,
    sources,
    staged_loads,
    templates,
    timetables,
    trunk_tests,
    trunks,
    webhook_deliveries,
    webhook_outbox,
    webhooks,
)
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.store.trunks import TrunkDraft
from massivesms.trunk_drafts import TrunkInput, draft_trunk
from massivesms.vault import Vault
from massivesms.webhook_drafts import new as new_webhook
from tests.web.conftest import add_user
from tests.web.sending import (
    create_campaign,
    create_list,
    create_message,
    csv,
    rows,
    settle,
    spain,
)

#: What may be opened without signing in.
PUBLIC = {
    *("sign_in.show", "sign_in.enter", "sign_in.leave", "language.choose"),
    *("sso.enter", "metrics.show", "health.show"),
    *("provider_calls.verify", "provider_calls.take"),
    "provider_calls.take_with_token",
}
#: For programs that watch: no pages, and 403 or 503 without a token or a service.
WATCHED = {"metrics.show", "health.show"}
#: What carries a signature of the PBX's or of a provider's instead of our token:
#: test_sso.py, test_provider_calls.py.
SIGNED = {"sso.enter", "provider_calls.take", "provider_calls.take_with_token"}
FILES = {"static", "bootstrap.static"}
ROLES = {
    "administrator": set(Permission),
    "supervisor": {
        Permission.SEND,
        Permission.CAMPAIGNS,
        Permission.LISTS,
        Permission.TRUNKS,
    },
    "operator": {Permission.SEND, Permission.CAMPAIGNS, Permission.LISTS},
}
#: Tables that a look may touch: the session's own life.
UNWATCHED = {"web_session", "schema_migration"}
DAY = "2026-02-03"
PLANTED = "pl4nted-s3cret"
TODAY = date(2026, 1, 1)
ANA = Actor("ana")
PROBE = """
INSERT INTO trunk_probe (trunk_id, message_id, alphabet, characters, requested_by,
  requested_at) VALUES (%s, %s, 'gsm7', '@£$€{}[]ñÇ_', 'ana', UTC_TIMESTAMP(3))"""
HOOK = WebhookDraft(
    *("CRM", "https://crm.example/hook", ["campaign.finished"]),
    headers={"Authorization": f"Bearer {PLANTED}"},
)


@dataclass(frozen=True)
class House:
    """The ids of what there is, by the name that addresses have for it."""

    ids: dict[str, int | str]

    def address(self, app: Flask, rule: Rule) -> str:
        """An address of a rule that leads to something; unknown ids are 7."""
        values = {
            name: self.ids.get(f"{rule.endpoint}:{name}", self.ids.get(name, 7))
            for name in rule.arguments
        }
        url = app.url_map.bind("localhost").build(rule.endpoint, values)
        return str(url).partition("?")[0]


def build(config: Config, db: Database) -> House:
    """Fills an empty installation."""
    ids = _recipients(db) | {"user_id": add_user(db, "marta", "operator")}
    ids |= _trunks(config, db, ids["message_id"])
    ids |= _automatic(config, db) | _incoming(db, ids["trunk_id"]) | _loads(db)
    mail_ids = mail(config, db)
    with db.transaction() as tx:  # by now it is known that there is a webhook
        webhook_outbox.campaigns_finished(tx, [ids["campaign_id"]])
        webhook = webhooks.by_id(tx, ids["webhook_id"]) or {}
        delivery = webhook_deliveries.next_one(tx, webhook)
    export_ids = [_export(config, db, is_done=done) for done in (True, False)]
    config.log_dir.mkdir(exist_ok=True)
    (config.log_dir / f"massivesms-{DAY}.log").write_text("x\n")
    assert files.all_files(config.log_dir)
    return House(
        {
            **ids,
            "staged_id": _staged(config, db),
            "messages.exports.show:job_id": export_ids[0],
            "messages.exports.download:job_id": export_ids[0],
            "messages.exports.cancel:job_id": export_ids[1],
            "delivery_id": delivery["id"] if delivery else 0,
            "kind_name": "smpp",
            "mail_id": mail_ids[0],
            "mail_tests.show:test_id": mail_ids[1],
            "day": DAY,
        }
    )


def _recipients(db: Database) -> dict[str, int]:
    """A list, a campaign and messages, with the loads that brought them."""
    list_id = create_list(db, "Clientes", "600111222", "600111223", "mal")
    campaign_id = create_campaign(db, "Oferta", "600111224", "peor")
    message_id = create_message(db)
    doubt_id = create_message(db, "+34600111229")
    settle(db, doubt_id, "in_doubt")
    loads = {row["list_id"]: row["id"] for row in rows(db, "SELECT * FROM import")}
    return {
        "list_id": list_id,
        "contact_id": rows(db, "SELECT MIN(id) AS id FROM contact")[0]["id"],
        "campaign_id": campaign_id,
        "message_id": message_id,
        "doubt_id": doubt_id,
        "import_id": loads[list_id],
        "campaigns.load:import_id": loads[None],
        "campaigns.load_rows:import_id": loads[None],
    }


def _trunks(config: Config, db: Database, message_id: int) -> dict[str, int]:
    """A trunk with a planted password, a modem, and what was asked of them."""
    entered = {"host": "smsc.example", "system_id": "ana", "password": PLANTED}
    draft = draft_trunk(
        TrunkInput("Salida", "smpp", {**entered, "port": "2775"}),
        Vault(config.secret_key()),
        config.scripts_dir,
    )
    assert not isinstance(draft, dict), draft
    stick = TrunkDraft("Stick", "modem", settings={"port": "/dev/ttyUSB0"})
    with db.transaction() as tx:
        trunk_id = trunks.create(tx, draft, ANA)
        modem_id = trunks.create(tx, stick, ANA)
        return {
            "trunk_id": trunk_id,
            "test_id": trunk_tests.request(tx, trunk_id, "ana"),
            "modems.ask_balance:trunk_id": modem_id,
            "modems.balance:trunk_id": modem_id,
            "search_id": modem_searches.request(tx, "ana"),
            "probe_id": tx.insert(PROBE, (trunk_id, message_id)),
        }


def _automatic(config: Config, db: Database) -> dict[str, int]:
    """What an administrator sets up once: times, roles, texts, a source, a webhook."""
    shop = Timetable("Tienda", (Slot(1, 540, 840),))
    stored, _secret = new_webhook(HOOK, Vault(config.secret_key()))
    source = SourceDraft("ERP", "sqlite", "/erp.db", query="SELECT 1")
    with db.transaction() as tx:
        holidays.put(tx, [Holiday(12, 25, 0, "Navidad")], ANA)
        blocked_numbers.add(tx, ["+34600111228"], ANA)
        return {
            "timetable_id": timetables.create(tx, shop, ANA),
            "holiday_id": holidays.all_holidays(tx)[0]["id"],
            "role_id": roles.create(tx, "Recepción", ["send"], ANA),
            "source_id": sources.create(tx, sources.Stored(source, b"", TODAY), ANA),
            "webhook_id": webhooks.create(tx, stored, ANA),
            "template_id": templates.create(tx, Template("Cita", "Hola"), ANA),
            "rule_id": answer_rules.create(tx, AnswerRule("INFO", "A las 9"), ANA),
        }


def _incoming(db: Database, trunk_id: int) -> dict[str, int]:
    came = inbound.NewInbound(trunk_id, "+34600111222", "+34600111222", "5", "Hola")
    with db.transaction() as tx:
        return {"inbound_id": inbound.add(tx, came)}


def _loads(db: Database) -> dict[str, int]:
    """Loads of call records, of a bulk file and of blocked numbers."""
    load = {"query": Query().to_json(), "name": "Llamadas", "description": ""}
    with db.transaction() as tx:
        bulk_id = imports.create(tx, "bulk", created_by="ana", source="bulk.csv")
        job_id = load_jobs.create(tx, "call_records", load, ANA, saving=True)
    file = csv("600111230;Oferta;", "600111231;Nada;")[0]
    blocks = block_loads.load(db, file, "b.csv", spain(db), ANA)
    return {
        "job_id": job_id,
        "campaigns.bulk.loaded:import_id": bulk_id,
        "campaigns.bulk.loaded_rows:import_id": bulk_id,
        "lists.blocked_numbers.loads.show:import_id": blocks.import_id,
        "lists.blocked_numbers.loads.show_rows:import_id": blocks.import_id,
    }


def mail(config: Config, db: Database) -> tuple[int, int]:
    """An account whose password is planted, a mail that failed, and a test."""
    account = {
        "from_address": "sms@example.org", "host": "mail.example", "user": "ana",
        "password": PLANTED, "security": "tls",
    }  # fmt: skip
    vault, ana = Vault(config.secret_key()), ANA
    assert not mail_drafts.change(db, vault, account, ana)
    with db.transaction() as tx:
        (mail_id,) = mails.add(tx, "report", ["eva@example.com"], "Informe", "x")
        mails.take(tx, "ana")
        mails.failed(tx, "ana", mail_id, "mail_recipient_refused", "550 No")
        test_id = mail_tests.request(tx, "eva@example.com", "ana")
    return mail_id, test_id


def _export(config: Config, db: Database, *, is_done: bool) -> int:
    """An export that the administrator of the tests asked for."""
    params = {
        "source": "messages", "filter": {}, "format": "csv", "language": "es",
    }  # fmt: skip
    with db.transaction() as tx:
        job_id = export_jobs.create(tx, params, Actor("administrator-user"))
        if is_done:
            name = f"{job_id}-{'0' * 32}.csv"
            config.exports_dir.mkdir(exist_ok=True)
            (config.exports_dir / name).write_text("x")
            values = {"id": job_id, "file": name}
            tx.execute(
                "UPDATE load_job SET state = 'done', file = %(file)s, size = 1,"
                " finished_at = UTC_TIMESTAMP(3) WHERE id = %(id)s",
                values,
            )
    return job_id


def _staged(config: Config, db: Database) -> int:
    """A file that the administrator of the tests has chosen, counted for a list."""
    file = csv("600111235")[0]
    kept, size = staging.keep(config.exports_dir, file)
    with db.transaction() as tx:
        staged_id = staged_loads.create(tx, "n.csv", kept, size, "administrator-user")
        staged_loads.choose_sheet(tx, staged_id, "")
        staged_loads.choose_columns(tx, staged_id, {0: "number"})
        staged_loads.choose_target(tx, staged_id, "new_list", list_name="Cuatro")
        row = staged_loads.by_id(tx, staged_id) or {}
    found = wizard.count(db, config, row)
    with db.transaction() as tx:
        staged_loads.checked(tx, staged_id, found)
    return staged_id


def rules(app: Flask) -> Iterator[Rule]:
    """Every rule but those of files."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint not in FILES)


def methods(rule: Rule) -> set[str]:
    """The methods that a rule takes."""
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def needed(app: Flask, rule: Rule) -> set[Permission]:
    """The permissions of which one opens a rule; empty for every signed-in user."""
    return set(getattr(app.view_functions[rule.endpoint], "permission", ()))


def checksums(db: Database) -> dict[str, int]:
    """Of every table that a look must not touch."""
    with db.transaction() as tx:
        tables = [table for (table,) in tx.tuples("SHOW TABLES")]
        watched = ", ".join(f"`{t}`" for t in tables if t not in UNWATCHED)
        return dict(tx.tuples(f"CHECKSUM TABLE {watched}"))
