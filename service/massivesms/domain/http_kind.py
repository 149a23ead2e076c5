"""The settings of a trunk that is a provider asked over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from .http_presets import PRESETS
from .http_provider import read_provider
from .trunk_settings import Kind, Setting
from .words import N_, Problem

#: How receipts come -> the settings without which no call is believed.
_NEEDED_BY = {
    "none": (),
    "twilio": ("receipts_url", "secret"),
    "whatsapp": ("app_secret", "verify_token"),
}


def _cross_check(settings: Mapping[str, str]) -> dict[str, Problem]:
    found = read_provider(settings)
    problems = found if isinstance(found, dict) else {}
    if not problems:
        problems = _check_secrets(settings)
    return problems


def _check_secrets(settings: Mapping[str, str]) -> dict[str, Problem]:
    """Whoever signs in, or names the token, must have given what it stands for."""
    written = settings["url"] + settings["fields"] + settings["headers"]
    signs_in = settings["auth"] != "none"
    problems = {}
    for key in ("user", "secret"):
        if (signs_in or "{" + key + "}" in written) and not settings[key]:
            problems[key] = Problem(
                "setting_missing", N_("%(key)s is missing."), key=key
            )
    for key in _NEEDED_BY[settings["receipts"]]:
        if not settings[key]:
            problems[key] = Problem(
                "setting_missing", N_("%(key)s is missing."), key=key
            )
    if not problems and "port}" in written and not settings["ports"]:
        problems["ports"] = Problem(
            "setting_missing", N_("%(key)s is missing."), key="ports"
        )
    return problems


HTTP = Kind(
    "http",
    N_("HTTP provider"),
    (
        Setting(
            "url",
            "text",
            N_("Address"),
            required=True,
            maximum=500,
            hint=N_("What is asked for each message: https://api.example/send"),
        ),
        Setting(
            "user",
            "text",
            N_("User or account"),
            maximum=255,
            hint=N_("Written {user} in the address, the fields and the headers."),
        ),
        Setting("secret", "secret", N_("Password or token"), maximum=1000),
        Setting(
            "auth",
            "choice",
            N_("Sign-in"),
            "none",
            choices=(
                ("none", N_("None, or by a field or header: {secret}")),
                ("basic", N_("User and password (Basic)")),
                ("digest", N_("User and password (Digest)")),
            ),
        ),
        Setting(
            "http_method",
            "choice",
            N_("Method"),
            "post",
            choices=(("post", "POST"), ("get", "GET"), ("put", "PUT")),
            advanced=True,
        ),
        Setting(
            "body",
            "choice",
            N_("Fields go as"),
            "form",
            choices=(
                ("form", N_("A form")),
                ("json", "JSON"),
                ("query", N_("A part of the address")),
            ),
        ),
        Setting(
            "fields",
            "text",
            N_("Fields"),
            "to={number}&from={sender}&text={text}",
            maximum=4000,
            hint=N_(
                "For example to={number}&text={text}, or JSON. Also: {e164} is the"
                " number with its +, {sender}, {message_id}, {segments}, {port},"
                " {user}, {secret}."
            ),
        ),
        Setting(
            "headers",
            "text",
            N_("Headers"),
            maximum=2000,
            hint=N_("Name: value, with | between them."),
            advanced=True,
        ),
        Setting(
            "success",
            "text",
            N_("It was taken when"),
            "2xx",
            maximum=200,
            hint=N_("An HTTP status, and what the answer says: 200, error_code = 202"),
            advanced=True,
        ),
        Setting(
            "id_at",
            "text",
            N_("Where its id stands"),
            maximum=200,
            hint=N_("A path of JSON (messages[0].id) or a pattern (/ID: (\\w+)/)."),
            advanced=True,
        ),
        Setting(
            "code_at",
            "text",
            N_("Where an error's code stands"),
            maximum=200,
            advanced=True,
        ),
        Setting(
            "words_at",
            "text",
            N_("Where an error's words stand"),
            maximum=200,
            advanced=True,
        ),
        Setting(
            "error_table",
            "text",
            N_("What errors mean"),
            maximum=4000,
            hint=N_("CODE=REASON with commas: 21211=number, status 429=limit"),
            advanced=True,
        ),
        Setting(
            "ports",
            "text",
            N_("Ports in rotation"),
            maximum=200,
            hint=N_("Of a gateway with several SIM cards: 0-3 or 0,2,5."),
            advanced=True,
        ),
        Setting(
            "receipts",
            "choice",
            N_("Delivery receipts"),
            "none",
            choices=(
                ("none", N_("None")),
                ("twilio", N_("As Twilio calls us")),
                ("whatsapp", N_("As WhatsApp calls us")),
            ),
            advanced=True,
        ),
        Setting(
            "receipts_url",
            "text",
            N_("Address for receipts"),
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
            "text",
            N_("Token by which WhatsApp verifies the address"),
            maximum=255,
            advanced=True,
        ),
        Setting(
            "timeout_s",
            "integer",
            N_("Wait for an answer (seconds)"),
            "30",
            minimum=2,
            maximum=120,
            advanced=True,
        ),
        Setting(
            "concurrency",
            "integer",
            N_("At the same time"),
            "4",
            minimum=1,
            maximum=64,
            hint=N_("How many requests may be on their way at once."),
            advanced=True,
        ),
    ),
    presets=PRESETS,
    cross_check=_cross_check,
)
