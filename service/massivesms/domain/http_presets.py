"""The providers whose HTTP interface is known, as data: requests and error tables.

Facts of the providers' public documents (November 2026). Each table has their code,
our reason and what they mean by it; a trunk's `error_table` holds the first two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .trunk_settings import Preset


class Row(NamedTuple):
    """A provider's code (or `status` and an HTTP status), our reason, its meaning."""

    code: str
    reason: str
    meaning: str


#: Twilio, Messages resource of the API of 2010; codes of its error dictionary.
TWILIO: tuple[Row, ...] = (
    Row("10001", "suspended", "the account is not active"),
    Row("20003", "signin", "account SID or token are wrong"),
    Row("20005", "suspended", "the account is not active"),
    Row("20404", "request", "there is no such account or resource"),
    Row("20429", "limit", "too many requests"),
    Row("20500", "doubt", "a fault of the server"),
    Row("20503", "busy", "the service is away"),
    Row("21211", "number", "the recipient is no number"),
    Row("21212", "sender", "the sender is no number"),
    Row("21408", "route", "the account may not send to this country"),
    Row("21602", "text", "there is no text"),
    Row("21603", "sender", "there is no sender"),
    Row("21604", "number", "there is no recipient"),
    Row("21606", "sender", "the sender is none of the account's that sends SMS"),
    Row("21608", "route", "a trial account sends to verified numbers only"),
    Row("21610", "opted_out", "the recipient has unsubscribed"),
    Row("21611", "limit", "the sender's queue is full"),
    Row("21612", "route", "the recipient cannot be reached from this sender"),
    Row("21614", "number", "the recipient is no mobile number"),
    Row("21617", "text", "the text is longer than 1600 characters"),
    Row("21730", "busy", "maintenance"),
    Row("30001", "limit", "the queue is full"),
    Row("30002", "suspended", "the account is suspended"),
    Row("63038", "credit", "the account's messages of the day are used up"),
)

#: Dinstar gateways, HTTP API of 2016 to 2019: `error_code` in the answer.
DINSTAR: tuple[Row, ...] = (
    Row("400", "request", "the request's form is wrong"),
    Row("404", "request", "there is no such request, or the API is not enabled"),
    Row("413", "request", "more than 32 numbers at once"),
    Row("500", "busy", "another error; it took nothing"),
)

#: WhatsApp Cloud API: `error.code` in the answer.
WHATSAPP: tuple[Row, ...] = (
    Row("0", "signin", "the token is not accepted"),
    Row("1", "doubt", "an unknown fault"),
    Row("2", "busy", "the service is away or overloaded"),
    Row("3", "signin", "the token lacks a permission"),
    Row("4", "limit", "too many calls of the application"),
    Row("10", "signin", "the token lacks a permission"),
    Row("33", "sender", "the sender's number has been deleted"),
    Row("100", "request", "a parameter is wrong"),
    Row("190", "signin", "the token has expired"),
    Row("368", "suspended", "blocked for breaking the rules"),
    Row("80007", "limit", "too many calls of the account"),
    Row("130429", "limit", "more messages a second than allowed"),
    Row("130472", "refused", "the recipient is part of an experiment"),
    Row("131000", "doubt", "an unknown fault"),
    Row("131005", "signin", "the token lacks a permission"),
    Row("131008", "request", "a parameter is missing"),
    Row("131009", "request", "a parameter's value is wrong"),
    Row("131016", "busy", "the service is away"),
    Row("131021", "number", "sender and recipient are the same"),
    Row("131026", "number", "the recipient cannot get it: perhaps not on WhatsApp"),
    Row("131030", "route", "a test number sends to listed recipients only"),
    Row("131031", "suspended", "the account is locked"),
    Row("131042", "credit", "the payment does not work"),
    Row("131045", "sender", "the sender's number is not registered"),
    Row("131047", "window", "more than 24 hours since the person wrote"),
    Row("131048", "suspended", "restricted because messages were blocked as spam"),
    Row("131049", "refused", "not delivered, for a healthy ecosystem"),
    Row("131050", "opted_out", "the person wants no marketing messages"),
    Row("131056", "busy", "too many messages to the same person"),
    Row("131057", "busy", "the account is in maintenance"),
    Row("132000", "template", "the template has another number of parameters"),
    Row("132001", "template", "there is no such template in this language"),
    Row("132005", "text", "the filled in template is too long"),
    Row("132007", "template", "the template breaks the rules"),
    Row("132012", "template", "a parameter of the template has another form"),
    Row("132015", "template", "the template is paused"),
    Row("132016", "template", "the template is disabled"),
    Row("133010", "sender", "the sender's number is not registered"),
)

#: BulkSMS, JSON API v1: HTTP statuses; `type` of a problem document says more.
BULKSMS: tuple[Row, ...] = (
    Row("status 400", "request", "the request is not understood"),
    Row("status 401", "signin", "the token is wrong"),
    Row("status 403", "credit", "not allowed; mostly there are not enough credits"),
    Row("status 429", "limit", "too many requests"),
    Row("status 503", "busy", "the service is away"),
)


def errors(rows: tuple[Row, ...]) -> str:
    """A table as the setting `error_table` has it."""
    return ", ".join(f"{row.code}={row.reason}" for row in rows)


#: Settings that another provider's preset may have filled.
_SILENT: Mapping[str, str] = {
    **dict.fromkeys(("outside_fields", "ask_url", "ask_fields", "inbox_url"), ""),
    **dict.fromkeys(("receipt_list_at", "receipt_id_at", "receipt_state_at"), ""),
    **dict.fromkeys(("receipt_number_at", "receipt_error_at", "receipt_states"), ""),
    **dict.fromkeys(("inbox_list_at", "inbox_from_at", "inbox_text_at"), ""),
    **dict.fromkeys(("inbox_id_at", "inbox_to_at", "ports", "headers"), ""),
    "receipts": "none",
}
_TWILIO = "To={e164}&From={sender}&Body={text}&StatusCallback={receipts_url}"
_WHATSAPP: Mapping[str, str] = {
    **_SILENT,
    "url": "https://graph.facebook.com/v23.0/{user}/messages",
    "http_method": "post",
    "body": "json",
    "auth": "none",
    "headers": "Authorization: Bearer {secret}",
    "success": "200",
    "id_at": "messages[0].id",
    "code_at": "error.code",
    "words_at": "error.message",
    "error_table": errors(WHATSAPP),
}
_WHATSAPP_TEXT = (
    '{"messaging_product": "whatsapp", "recipient_type": "individual",'
    ' "to": "{e164}", "type": "text",'
    ' "text": {"preview_url": false, "body": "{text}"},'
    ' "biz_opaque_callback_data": "{message_id}"}'
)
_WHATSAPP_TEMPLATE = (
    '{"messaging_product": "whatsapp", "recipient_type": "individual",'
    ' "to": "{e164}", "type": "template",'
    ' "template": {"name": "notice", "language": {"code": "es"},'
    ' "components": [{"type": "body",'
    ' "parameters": [{"type": "text", "text": "{line}"}]}]},'
    ' "biz_opaque_callback_data": "{message_id}"}'
)

PRESETS: tuple[Preset, ...] = (
    Preset(
        "Twilio",
        {
            **_SILENT,
            "url": "https://api.twilio.com/2010-04-01/Accounts/{user}/Messages.json",
            "http_method": "post",
            "body": "form",
            "fields": _TWILIO,
            "auth": "basic",
            "success": "201",
            "id_at": "sid",
            "code_at": "code",
            "words_at": "message",
            "error_table": errors(TWILIO),
        },
    ),
    Preset(
        "Dinstar",
        {
            **_SILENT,
            "url": "http://192.168.1.100/api/send_sms",
            "http_method": "post",
            "body": "json",
            "fields": (
                '{"text": "#param#", "port": ["{int:port}"], "param": [{"number":'
                ' "{number}", "text_param": ["{text}"], "user_id":'
                ' "{int:message_id}"}], "request_status_report": true}'
            ),
            "auth": "digest",
            "success": "200, error_code = 202",
            # Its task_id is of a batch; results are asked for by our own id.
            "id_at": "{message_id}",
            "code_at": "error_code",
            "words_at": "",
            "error_table": errors(DINSTAR),
            "ports": "0-3",
            "receipts": "ask",
            "ask_url": "/api/query_sms_result",
            "ask_fields": '{"user_id": "{int:ids}"}',
            "receipt_list_at": "result",
            "receipt_id_at": "user_id",
            "receipt_state_at": "status",
            "receipt_number_at": "number",
            "inbox_url": "/api/query_incoming_sms?flag=unread",
            "inbox_list_at": "sms",
            "inbox_from_at": "number",
            "inbox_text_at": "text",
            "inbox_id_at": "incoming_sms_id",
        },
    ),
    Preset(
        "WhatsApp",
        {
            **_WHATSAPP,
            "fields": _WHATSAPP_TEXT,
            "outside_fields": _WHATSAPP_TEMPLATE,
        },
    ),
    Preset(
        "BulkSMS",
        {
            **_SILENT,
            # Its own key against doubles: the same again is not sent again.
            "url": "https://api.bulksms.com/v1/messages?deduplication-id={message_id}",
            "http_method": "post",
            "body": "json",
            "fields": (
                '{"to": "{e164}", "from": "{sender}", "body": "{text}",'
                ' "encoding": "UNICODE"}'
            ),
            "auth": "basic",
            "success": "201",
            "id_at": "[0].id",
            "code_at": "type",
            "words_at": "detail",
            "error_table": errors(BULKSMS),
            # Its webhooks, once a person chooses that it calls and gives a token.
            "receipt_id_at": "id",
            "receipt_state_at": "status.type",
            "receipt_number_at": "to",
            "receipt_error_at": "status.subtype",
            "inbox_from_at": "from",
            "inbox_text_at": "body",
            "inbox_id_at": "id",
            "inbox_to_at": "to",
        },
    ),
)
