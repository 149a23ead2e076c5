"""The audit: each change gives one row that says who, what, before, after, from where.

A route that changes something is listed in CHANGES or, with the reason, in
ELSEWHERE: a new one is missed here.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.domain.settings import SETTINGS, with_defaults
from massivesms.intake import list_blocks
from massivesms.store import blocked_numbers, settings, users
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms_web.audit_words import NAMES, NOUNS, OF_MAIL, OF_TRUNKS
from massivesms_web.pages.audit import ACTIONS
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.web.security.house import PLANTED, House, methods, rules
from tests.web.sending import csv, rows
from tests.web.test_users import NEW

ORIGIN = {"REMOTE_ADDR": "192.0.2.77"}
TRUNK = {
    "name": "Nueva", "priority": "3", "active": "y", "host": "smsc.example",
    "port": "2775", "system_id": "ana", "password": PLANTED, "bind_mode": "transceiver",
}  # fmt: skip
MAIL = {
    "from_address": "sms@example.org", "host": "mail.example", "security": "tls",
    "user": "ana", "password": PLANTED, "verify": "y", "timeout_s": "30",
}  # fmt: skip
CAMPAIGN = {"name": "Nueva", "text": "Hola", "paused": "y"}
SOURCE = {
    "kind": "sqlite", "place": "/erp.db", "query": "SELECT 1", "run_at": "08:00",
    "days": ["0"], "most_rows": "10", "timeout_s": "10", "password": PLANTED,
}  # fmt: skip
WEBHOOK = {
    "url": "http://127.0.0.1:9/x?key=" + PLANTED,
    "events": ["message.delivered"],
    "headers": f"X-Key: {PLANTED}",
}
SPAIN = {
    "country_code": "34", "mobile_prefixes": "6,7", "min_mobile_length": "9",
    "max_mobile_length": "9", "time_zone": "Europe/Madrid", "sending_hours": "",
    "language": "es",
}  # fmt: skip
ANSWER = {"words": "PRECIO", "text": "Hola", "matching": "alone", "active": "y"}
LIMITS = {
    "automatic_answers": "y", "answers_at_any_hour": "y", "answers_per_day": "5",
    "answers_gap_minutes": "30", "answers_least_digits": "7", "out_of_hours": "y",
    "out_of_hours_text": "Hola", "opening_hours": "09:00-18:00",
    "opening_days": ["1", "2", "3", "4", "5"],
}  # fmt: skip
OPT_OUTS = {
    **{name: with_defaults({})[name] for name in (
        "opt_out_words", "polite_words", "opt_out_text", "opt_in_text")},
    "opt_outs": "y", "opt_out_again_days": "7",
    "opt_in_words": with_defaults({})["opt_in_words"].replace("ALTA,", "VUELVO,", 1),
}  # fmt: skip

#: endpoint -> (what is sent, the action, what of the details is a change or a fact).
CHANGES: dict[str, tuple[dict[str, Any], str, dict[str, object]]] = {
    "account.change_language": (
        {"language": "en"}, "user.language", {"language": ["", "en"]}
    ),
    "account.change_password": (
        {"present": PASSWORD, "password": NEW, "repeated": NEW}, "user.password", {}
    ),
    "answers.edit": (
        {**ANSWER, "words": "HORARIO"}, "answer.change",
        {"words": ["INFO", "HORARIO"], "text": ["7 characters", "4 characters"]},
    ),
    "answers.new": (ANSWER, "answer.create", {"text": "4 characters"}),
    "answers.remove": ({}, "answer.remove", {"words": "INFO"}),
    "answers.save_answers": (
        LIMITS, "configuration.change",
        {"answers_per_day": ["3", "5"], "out_of_hours_text": [
            "0 characters", "4 characters"]},
    ),
    "answers.save_opt_outs": (
        OPT_OUTS, "configuration.change",
        {"opt_in_words": ["ALTA", "VUELVO"], "opt_out_again_days": ["30", "7"]},
    ),
    "campaigns.bulk.load": ({}, "campaign.bulk", {"accepted": 1}),
    "campaigns.change": (
        CAMPAIGN, "campaign.change", {"name": ["Oferta", "Nueva"]}
    ),
    "campaigns.doubts.decide": (
        {"which": "all", "confirmed": "yes", "decision": "assume_sent"},
        "campaign.assume_sent", {"messages": 1},
    ),
    "campaigns.new.create": (
        {**CAMPAIGN, "recipients": "list"}, "campaign.create", {"list": "Clientes"}
    ),
    "campaigns.preview.test": (
        {"number": "600111227"}, "message.send", {"campaign": "Oferta"}
    ),
    "campaigns.remove": ({}, "campaign.remove", {"counts": {"queued": 1}}),
    "campaigns.resume": ({}, "campaign.resume", {"paused": [True, False]}),
    "campaigns.rules.approve": ({}, "campaign.approve", {"messages": 1}),
    "campaigns.rules.end_permanent": (
        {}, "campaign.end_permanent", {"permanent": [True, False]}
    ),
    "campaigns.rules.change": (
        {"priority": "2", "in_doubt": "hold"}, "campaign.rules", {"priority": [5, 2]}
    ),
    "campaigns.singles.submit": (
        {"number": "600111227", "text": "Hola"}, "message.send",
        {"campaign": "Oferta"},
    ),
    "campaigns.stop": ({}, "campaign.stop", {"paused": [False, True]}),
    "campaigns.unsent.discard": ({}, "campaign.discard", {"messages": 1}),
    "configuration.write_call_records": (
        {"write": "yes"}, "configuration.change",
        {"write_call_records": ["no", "yes"]},
    ),
    "configuration.save": (
        SPAIN, "configuration.change", {"language": ["", "es"]}
    ),
    "doubts.decide": ({}, "campaign.assume_sent", {"messages": 1}),
    "event_log.empty": ({}, "log.empty", {}),
    "event_log.record": (
        {"log_events": ["trunks"], "log_keep_days": "30"}, "configuration.change",
        {"log_events": ["service,trunks,campaigns,sign_in,changes", "trunks"]},
    ),
    "home.switch_sending": (
        {"sending": "no"}, "configuration.change", {"sending": ["yes", "no"]}
    ),
    "language.choose": ({"language": "es"}, "user.language", {"language": ["", "es"]}),
    "lists.change": (
        {"name": "Otra"}, "list.change", {"name": ["Clientes", "Otra"]}
    ),
    "lists.blocks.exclude": (
        {"campaign_id": "0"}, "list.exclude_blocked", {"numbers": 1}
    ),
    "lists.blocks.include": ({}, "list.include_blocked", {"numbers": 1}),
    "lists.contacts.add": (
        {"number": "600111227"}, "list.add", {"number": "+3460•••227"}
    ),
    "lists.contact.create": (
        {"number": "600111227", "field_first_name": "Eva"}, "list.add",
        {"number": "+3460•••227", "fields": "first_name"},
    ),
    "lists.contact.change": (
        {"number": "600111229", "field_first_name": "Eva"}, "list.change_contact",
        {"number": ["+3460•••222", "+3460•••229"], "fields": "first_name"},
    ),
    "lists.contact.remove": ({}, "list.take_out", {"number": "+3460•••222"}),
    "lists.contacts.exclude": (
        {"number": "+34600111222"}, "list.exclude", {"excluded": [False, True]}
    ),
    "lists.contacts.include": (
        {"number": "+34600111223"}, "list.include", {"excluded": [True, False]}
    ),
    "lists.blocked_numbers.add": (
        {"numbers": "600111226"}, "blocked.add", {"numbers": ["+3460•••226"]}
    ),
    "lists.blocked_numbers.removal.remove": (
        {"one": "+34600111228:0"}, "blocked.remove", {}
    ),
    "lists.blocked_numbers.removal.remove_all": (
        {"number": "600111228"}, "blocked.remove", {}
    ),
    "lists.blocked_numbers.loads.load": ({}, "blocked.load", {"accepted": 1}),
    "lists.exports.create": ({"format": "csv"}, "list.export", {"numbers": 2}),
    "lists.imports.undo": ({}, "import.undo", {"numbers": 2}),
    "lists.jobs.cancel": ({}, "load.cancel", {}),
    "lists.loads.create": (
        {"name": "Otra", "source": "file", "description": "d"}, "list.create",
        {"description": "d"},
    ),
    "lists.loads.load": ({"source": "file"}, "list.load", {"accepted": 1}),
    "lists.remove": ({}, "list.remove", {"included": 1, "excluded": 1}),
    "mail.discard": ({}, "mail.discard", {}),
    "mail.discard_failed": ({}, "mail.discard", {"mails": 1}),
    "mail.remove": ({}, "mail.remove", {}),
    "mail.retry": ({}, "mail.retry", {}),
    "mail.retry_all": ({}, "mail.retry", {}),
    "mail.save": (
        {**MAIL, "from_name": "Nuevo"}, "mail.change",
        {"from_name": ["massivesms", "Nuevo"], "password": "•••"},
    ),
    "mail_tests.ask": ({"address": "ana@example.com"}, "mail.test", {}),
    "messages.cancel": (
        {}, "message.cancel", {"state": ["queued", "cancelled"]}
    ),
    "notices.save_forwarding": (
        {"forward_to": "a@b.c", "forward_last_message": "y", "forward_handled": "y",
         "forward_most": "10"},
        "configuration.change", {"forward_to": ["", "a@b.c"]},
    ),
    "notices.save_report": (
        {"report_to": "a@b.c", "report_at": "07:00"}, "configuration.change",
        {"report_at": ["08:00", "07:00"]},
    ),
    "notices.send_report": ({}, "mail.report", {"recipients": "eva@example.com"}),
    "messages.exports.cancel": ({}, "message.export_cancel", {}),
    "messages.exports.create": (
        {"format": "csv", "state": "queued"}, "message.export",
        {"format": "csv", "only_state": "queued"},
    ),
    "privacy.admit": ({"number": "+34600111000"}, "number.admit", {}),
    "privacy.erase": ({"number": "+34600111222"}, "number.erase", {"lists": 1}),
    "privacy.keep": (
        {"keep_days": "90"}, "configuration.change", {"keep_days": ["", "90"]}
    ),
    "roles.edit": (
        {"name": "Recepción", "permissions": ["send", "lists"]}, "role.change",
        {"permissions": ["send", "lists, send"]},
    ),
    "roles.new": ({"name": "Otro"}, "role.create", {"name": "Otro"}),
    "roles.remove": ({}, "role.remove", {"permissions": "send"}),
    "holidays.index": ({"lines": "25/12/2030 Navidad"}, "holiday.add", {}),
    "holidays.remove": ({}, "holiday.remove", {}),
    "timetables.new": (
        {"name": "Otro", "day_5": "22:00-02:00"}, "timetable.create",
        {"name": "Otro", "times": "fri 22:00-02:00"},
    ),
    "timetables.edit": (
        {"name": "Tienda", "day_1": "9:00-13:00"}, "timetable.change",
        {"times": ["mon 09:00-14:00", "mon 09:00-13:00"]},
    ),
    "timetables.remove": ({}, "timetable.remove", {"name": "Tienda"}),
    "send.submit": (
        {"number": "600111225", "text": "Hola", "how": "queue"}, "message.send", {}
    ),
    "sign_in.enter": (
        {"name": "administrator-user", "password": PASSWORD}, "user.sign_in", {}
    ),
    "sign_in.leave": ({}, "user.sign_out", {}),
    "trunk_tests.ask": ({}, "trunk.test", {}),
    "trunks.disable": ({}, "trunk.disable", {"active": [True, False]}),
    "trunks.edit": (
        TRUNK, "trunk.change", {"name": ["Salida", "Nueva"], "priority": [1, 3]}
    ),
    "trunks.enable": ({}, "trunk.enable", {"active": [True, True]}),
    "trunks.new": (TRUNK, "trunk.create", {"host": "smsc.example"}),
    "trunks.remove": ({}, "trunk.remove", {"kind": "smpp"}),
    "monitoring.make_token": ({}, "metrics.token", {}),
    "monitoring.close": ({}, "metrics.close", {}),
    "sources.edit": ({**SOURCE, "name": "Otro"}, "source.change", {}),
    "sources.new": ({**SOURCE, "name": "Otro"}, "source.create", {"kind": "sqlite"}),
    "sources.remove": ({}, "source.remove", {}),
    "sources.run": ({}, "source.run", {}),
    "webhook_deliveries.discard": ({}, "webhook.discard", {"deliveries": 1}),
    "webhook_deliveries.discard_all": ({}, "webhook.discard", {}),
    "webhook_deliveries.retry": ({}, "webhook.retry", {"deliveries": 1}),
    "webhook_deliveries.retry_all": ({}, "webhook.retry", {"deliveries": 1}),
    "webhooks.disable": ({}, "webhook.disable", {"active": [True, False]}),
    "webhooks.edit": (
        {**WEBHOOK, "name": "Otro"}, "webhook.change",
        {"name": ["CRM", "Otro"], "active": [True, False]},
    ),
    "webhooks.enable": ({}, "webhook.enable", {"active": [True, True]}),
    "webhooks.new": (
        {**WEBHOOK, "name": "Otro"}, "webhook.create", {"url": "http://127.0.0.1:9/x"}
    ),
    "webhooks.remove": ({}, "webhook.remove", {"url": "https://crm.example/hook"}),
    "webhooks.renew_secret": ({}, "webhook.secret", {}),
    "webhooks.save_hosts": (
        {"webhook_hosts": "10.0.0.5"}, "configuration.change",
        {"webhook_hosts": ["", "10.0.0.5"]},
    ),
    "templates.new": (
        {"name": "Otra", "text": "Hola"}, "template.create", {"text": "4 characters"}
    ),
    "templates.edit": (
        {"name": "Cita", "text": "Hola a"}, "template.change",
        {"text": ["4 characters", "6 characters"]},
    ),
    "templates.keep": (
        {"template_name": "Otra", "text": "Hola"}, "template.create",
        {"text": "4 characters"},
    ),
    "templates.remove": ({}, "template.remove", {"text": "4 characters"}),
    "webhooks.test": ({}, "webhook.test", {"state": "given_up"}),
    "users.change_password": (
        {"password": NEW, "repeated": NEW}, "user.password", {}
    ),
    "users.change_role": (
        {"role": "2"}, "user.role", {"role": ["operator", "supervisor"]}
    ),
    "users.disable": ({}, "user.disable", {"active": [True, False]}),
    "users.enable": ({}, "user.enable", {"active": [True, True]}),
    "users.new": (
        {"name": "eva", "role": "3", "password": NEW, "repeated": NEW}, "user.create",
        {"role": "operator"},
    ),
    "users.remove": ({}, "user.remove", {"role": "operator"}),
}  # fmt: skip
#: Routes that change nothing by themselves, or are looked at where their PBX is.
ELSEWHERE = {
    "sources.test": "it only shows what would be loaded",
    "answers.try_out": "it only shows what would be done with a text",
    "privacy.look": "it only shows what would be erased",
    "sso.enter": "signing in from the PBX: test_pbx_users.py",
    "pbx_groups.save": "test_pbx_groups.py",
    "lists.blocked_numbers.loads.load_dont_call": "test_blocked_numbers.py",
    "lists.jobs.save": "the list that it makes gives the row: test_list_jobs.py",
    **dict.fromkeys(
        (
            *("wizard.choose_file", "wizard.choose_sheet", "wizard.choose_columns"),
            *("wizard.discard", "wizard.load.choose_target", "wizard.load.confirm"),
            *("wizard.load.create_campaign", "wizard.load.stop"),
        ),
        "what the load makes gives the row: test_wizard.py",
    ),
}
FILE_TOO = {
    *("lists.loads.create", "lists.loads.load"),
    *("lists.blocked_numbers.loads.load", "campaigns.bulk.load"),
}


def test_every_route_that_changes_something_is_listed(app: Flask) -> None:
    changing = {rule.endpoint for rule in rules(app) if methods(rule) - {"GET"}}
    assert changing == set(CHANGES) | set(ELSEWHERE)


def test_every_kind_of_change_has_words() -> None:
    assert {action.partition(".")[0] + "." for action in ACTIONS} == set(NOUNS)


@pytest.mark.parametrize("endpoint", sorted(CHANGES))
def test_a_change_gives_one_row(
    app: Flask, client: Browser, db: Database, house: House, endpoint: str
) -> None:
    values, action, details = CHANGES[endpoint]
    prepare(db, house, endpoint)
    (rule,) = [r for r in rules(app) if r.endpoint == endpoint and "POST" in methods(r)]
    url = house.address(app, rule)
    if endpoint == "privacy.admit":
        client.send("/configuration/privacy/erase", values)
    if endpoint == "sign_in.enter":
        client.send("/sign-out")
    sent: dict[str, Any] = {"csrf_token": client.token(), **values}
    if endpoint in FILE_TOO:
        is_bulk = endpoint == "campaigns.bulk.load"
        sent["file"] = csv(";600111226;Hola;1;" if is_bulk else "600111226")
    if endpoint == "campaigns.new.create":
        sent["list_id"] = str(house.ids["list_id"])
    if endpoint == "doubts.decide":
        sent["one"] = f"{house.ids['doubt_id']}:assume_sent"
    last = rows(db, "SELECT COALESCE(MAX(id), 0) AS id FROM audit")[0]["id"]
    answer = client.post(url, data=sent, environ_overrides=ORIGIN)
    assert answer.status_code < 400, answer.text[:3000]
    made = rows(db, f"SELECT * FROM audit WHERE id > {last}")
    assert [row["action"] for row in made] == [action], (answer.status, made)
    check(made[0], details)


def check(row: Row, details: dict[str, object]) -> None:
    """Who, from where, and what was so before and is now; no secret."""
    assert row["user_name"] == "administrator-user"
    assert row["address"] == ORIGIN["REMOTE_ADDR"]
    assert row["subject"]
    stored = json.loads(row["details"])
    assert {key: stored.get(key) for key in details} == details, stored
    assert set(stored) <= {*NAMES, *OF_TRUNKS, *OF_MAIL, *SETTINGS}, (
        "a detail has no words"
    )
    assert PLANTED not in str(row) and NEW not in str(row) and "Hola" not in str(row)
    assert "+346001112" not in str(row), "a number is masked"


def prepare(db: Database, house: House, endpoint: str) -> None:
    """What a change needs beside the house."""
    if endpoint == "lists.contacts.include" or endpoint == "lists.remove":
        with db.transaction() as tx:
            tx.execute("UPDATE contact SET excluded = 1 WHERE number = '+34600111223'")
            tx.execute("UPDATE list SET included = 1, excluded = 1")
    if endpoint in ("lists.blocks.exclude", "lists.blocks.include"):
        with db.transaction() as tx:
            blocked_numbers.add(tx, ["+34600111222"], Actor("ana"))
        if endpoint == "lists.blocks.include":
            list_blocks.exclude(db, int(house.ids["list_id"]), Actor("ana"))
    if endpoint == "campaigns.rules.approve":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET approval = 'waiting' WHERE id > 1")
    if endpoint == "campaigns.rules.end_permanent":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET permanent = 1 WHERE id > 1")
    if endpoint == "campaigns.doubts.decide":
        values = (house.ids["campaign_id"],)
        with db.transaction() as tx:
            for table in ("message", "campaign_count"):
                sql = f"UPDATE {table} SET state = 'in_doubt' WHERE campaign_id = %s"
                tx.execute(sql, values)
    if endpoint == "notices.send_report":
        with db.transaction() as tx:
            settings.save(tx, {"report_to": "eva@example.com"})
    if endpoint == "campaigns.stop":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET paused = 0")


HOSTILE = ["x\r\nforged", "\x1b[31mred", "\u202eevil", "a\x00"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_line_breaks_and_colours_in_a_value_are_inert(
    client: Browser, db: Database, config: Config, hostile: str
) -> None:
    """Names refuse them; where an address or a file name has them, they are shown."""
    client.send("/roles/new", {"name": hostile, "permissions": []})
    client.send("/lists/new", {"name": hostile, "source": "file"})
    with db.transaction() as tx:
        assert not tx.value("SELECT 1 FROM audit WHERE subject LIKE '%%forged%%'")
        users.create(tx, "ana", 3, "x", Actor(hostile, hostile))
    page = client.page("/configuration/log/")
    assert "\x1b" not in page.html and "\x00" not in page.html
    file = client.get("/configuration/log/changes.csv").data.decode("utf-8-sig")
    assert "\x1b" not in file and "\r\nforged" not in file
