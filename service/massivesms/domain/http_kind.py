"""The settings of a trunk that is a provider asked over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .http_presets import PRESETS
from .http_provider import read_provider
from .http_questions import read_questions
from .http_secrets import check_written
from .http_told import read_places
from .http_told_settings import TOLD_SETTINGS
from .trunk_settings import Kind, Setting
from .words import N_, Problem, problem_from

#: How receipts come -> the settings without which no call is believed.
_NEEDED_BY: Mapping[str, tuple[str, ...]] = {
    "twilio": ("receipts_url", "secret"),
    "whatsapp": ("app_secret", "verify_token"),
    "call": ("call_token",),
}
#: What is shown to everybody who may see a trunk, and sent where tokens are filled in.
_SHOWN = (
    "url",
    "headers",
    "fields",
    "outside_fields",
    "ask_url",
    "ask_fields",
    "inbox_url",
)
#: The service window is 24 hours; a message on its way needs some minutes of them.
WINDOW_MINUTES = 24 * 60 - 10
LEAST_TOKEN = 16  # characters of the only thing that guards an address

PROBLEMS = {
    "call_token_form": N_(
        "The token has at least %(least)s characters, only letters, digits, - and _:"
        " nothing else tells the provider from others."
    ),
    "told_nothing": N_(
        "Say where receipts or incoming messages stand: both places of one of them."
    ),
}


def has_window(kind: str, settings: Mapping[str, str]) -> bool:
    """Whether a trunk sends something else to who has not written lately."""
    return kind == HTTP.name and bool(settings.get("outside_fields"))


def _cross_check(settings: Mapping[str, str]) -> dict[str, Problem]:
    found = read_provider(settings)
    problems = dict(found) if isinstance(found, dict) else {}
    shown = (*_SHOWN, "receipts_url")
    problems |= check_written(settings, shown, HTTP.secret_keys)
    return problems or _check_secrets(settings) or _check_told(settings)


def _check_told(settings: Mapping[str, str]) -> dict[str, Problem]:
    """What the provider tells must be found, and what is asked must be askable."""
    how = settings["receipts"]
    places = read_places(settings)
    if isinstance(places, dict):
        return places
    if how == "ask":
        questions = read_questions(settings)
        if isinstance(questions, dict):
            return questions
        wanted = {"receipt_id_at": questions.url, "inbox_from_at": questions.inbox_url}
        wanted["id_at"] = questions.url
        return {k: _missing(k) for k, url in wanted.items() if url and not settings[k]}
    if how == "call":
        if not re.fullmatch(r"[A-Za-z0-9_-]+", settings["call_token"]) or (
            len(settings["call_token"]) < LEAST_TOKEN
        ):
            words = problem_from(PROBLEMS, "call_token_form", least=LEAST_TOKEN)
            return {"call_token": words}
        if not places.has_receipts and not places.has_messages:
            return {"receipt_id_at": problem_from(PROBLEMS, "told_nothing")}
        if places.has_receipts and not settings["id_at"]:
            return {"id_at": _missing("id_at")}
    return {}


def _missing(key: str) -> Problem:
    return Problem("setting_missing", N_("%(key)s is missing."), key=key)


def _check_secrets(settings: Mapping[str, str]) -> dict[str, Problem]:
    """Whoever signs in, or names the token, must have given what it stands for."""
    written = "".join(settings[key] for key in _SHOWN)
    signs_in = settings["auth"] != "none"
    needed = [*_NEEDED_BY.get(settings["receipts"], ())]
    needed += [k for k in ("user", "secret") if signs_in or "{" + k + "}" in written]
    problems = {key: _missing(key) for key in needed if not settings[key]}
    if not problems and "port}" in written and not settings["ports"]:
        problems["ports"] = _missing("ports")
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
            "outside_fields",
            "text",
            N_("Fields outside the service window"),
            maximum=4000,
            hint=N_(
                "For who has not written to us in the last 24 hours: an approved"
                " template. {line} is the text in one line. Empty: always the same"
                " fields."
            ),
            advanced=True,
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
            hint=N_(
                "A path of JSON (messages[0].id) or a pattern (/ID: (\\w+)/);"
                " {message_id} when the provider knows it by our own."
            ),
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
        *TOLD_SETTINGS,
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
