"""Owns the tables of routes that change something, with the audit row of each.

A new route goes into CHANGES, in the order of names, or with its reason into ELSEWHERE.
"""

from __future__ import annotations

from typing import Any

from massivesms.domain.settings import with_defaults
from tests.web.conftest import PASSWORD
from tests.web.security.house import PLANTED
from tests.web.test_users import NEW

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
    "inbound.export": (
        {"number": "+34600111222", "text": "Hola", "done": ""}, "inbound.export",
        {"messages": 1, "only_number": "+34600•••222", "only_text": "4 characters"},
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
    "lists.blocked_numbers.export": (
        {"source": "manual"}, "blocked.export", {"numbers": 1, "only_source": "manual"}
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
    "modems.ask_balance": ({}, "trunk.balance", {}),
    "modems.look": ({}, "trunk.search", {}),
    "trunk_probes.ask": (
        {"number": "600111227", "text": "Hola", "confirmed": "yes"}, "trunk.probe",
        {"number": "+3460•••227"},
    ),
    "trunk_probes.see": ({"seen": "latin1"}, "trunk.probe_seen", {"seen": "latin1"}),
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
    "sources.disable": ({}, "source.disable", {"active": [True, False]}),
    "sources.enable": ({}, "source.enable", {"active": [True, True]}),
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
    "wizard.discard": ({}, "wizard.cancel", {}),
    "wizard.load.stop": ({}, "wizard.cancel", {}),
}  # fmt: skip
#: Routes that change nothing by themselves, or are looked at where their PBX is.
ELSEWHERE = {
    "sources.test": "it only shows what would be loaded",
    "answers.try_out": "it only shows what would be done with a text",
    "privacy.look": "it only shows what would be erased",
    "sso.enter": "signing in from the PBX: test_pbx_users.py",
    "provider_calls.take": "the provider tells it, not a person",
    "provider_calls.take_with_token": "the provider tells it, not a person",
    "pbx_groups.save": "test_pbx_groups.py",
    "lists.blocked_numbers.loads.load_dont_call": "test_blocked_numbers.py",
    "lists.jobs.save": "the list that it makes gives the row: test_list_jobs.py",
    **dict.fromkeys(
        (
            *("wizard.choose_file", "wizard.choose_sheet", "wizard.choose_columns"),
            *("wizard.load.choose_target", "wizard.load.confirm"),
            "wizard.load.create_campaign",
        ),
        "what the load makes gives the row: test_wizard_loads.py",
    ),
}
