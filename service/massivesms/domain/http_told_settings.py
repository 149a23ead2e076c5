"""The settings of an HTTP trunk about receipts and incoming messages."""

from __future__ import annotations

from dataclasses import replace

from .trunk_settings import Setting
from .words import N_


def _place(key: str, label: str, hint: str = "") -> Setting:
    return Setting(key, "text", label, maximum=200, hint=hint, advanced=True)


_ALL = (
    Setting(
        "receipts",
        "choice",
        N_("Receipts and incoming messages"),
        "none",
        choices=(
            ("none", N_("None")),
            ("twilio", N_("As Twilio calls us")),
            ("whatsapp", N_("As WhatsApp calls us")),
            ("call", N_("The provider calls us: places below")),
            ("ask", N_("We ask for them: address and places below")),
        ),
        advanced=True,
    ),
    Setting(
        "receipts_url",
        "text",
        N_("Address at which the provider calls us"),
        maximum=300,
        hint=N_(
            "Where the provider reaches these pages from the internet, with"
            " /provider/ and this trunk's number: https://pbx.example/sms/provider/3."
            " In the fields: {receipts_url}."
        ),
        advanced=True,
    ),
    Setting(
        "app_secret",
        "secret",
        N_("Secret of the WhatsApp app"),
        maximum=255,
        advanced=True,
    ),
    Setting(
        "verify_token",
        "secret",
        N_("Token by which WhatsApp verifies the address"),
        maximum=255,
        advanced=True,
    ),
    Setting(
        "call_token",
        "secret",
        N_("Token at the end of the address, when the provider calls us"),
        maximum=64,
        advanced=True,
    ),
    Setting(
        "ask_url",
        "text",
        N_("Address that is asked for receipts"),
        maximum=500,
        hint=N_(
            "With {ids} of up to 32 messages, or {id} of one. A path alone is one of"
            " the server above."
        ),
        advanced=True,
    ),
    Setting(
        "ask_fields",
        "text",
        N_("Fields of that question"),
        maximum=1000,
        hint=N_('As a form or JSON: {"ids": "{ids}"}. Empty: there are none.'),
        advanced=True,
    ),
    Setting(
        "inbox_url",
        "text",
        N_("Address that is asked for incoming messages"),
        maximum=500,
        hint=N_("It should give each message only once."),
        advanced=True,
    ),
    Setting(
        "ask_every_s",
        "integer",
        N_("Ask every (seconds)"),
        "15",
        minimum=1,
        maximum=3600,
        advanced=True,
    ),
    _place(
        "receipt_list_at",
        N_("Where the list of receipts stands"),
        N_("Empty: there is only one, or nothing but the list."),
    ),
    _place("receipt_id_at", N_("Where a receipt's id stands")),
    _place("receipt_state_at", N_("Where its state stands")),
    Setting(
        "receipt_states",
        "text",
        N_("What states mean"),
        maximum=1000,
        hint=N_(
            "WORD=STATE with commas: OK=delivered, NOK=undelivered; also expired,"
            " rejected and submitted (on its way). Usual words are known."
        ),
        advanced=True,
    ),
    _place("receipt_number_at", N_("Where its number stands")),
    _place("receipt_error_at", N_("Where its error stands")),
    _place("inbox_list_at", N_("Where the list of incoming messages stands")),
    _place("inbox_from_at", N_("Where the sender of a message stands")),
    _place("inbox_text_at", N_("Where its text stands")),
    _place(
        "inbox_id_at",
        N_("Where the id of an incoming message stands"),
        N_("By it a message that is told twice is known again."),
    ),
    _place("inbox_to_at", N_("Where the number that it was sent to stands")),
)

TOLD_SETTINGS = tuple(
    replace(setting, group=N_("What the provider tells")) for setting in _ALL
)
