"""What a provider is asked from time to time, when it does not call us. Pure.

What became of messages, many ids at once or one after the other, and what people
wrote. With fields the question is a POST of them (JSON or a form), without it a GET.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from .http_provider import check_tokens, check_url, read_json, texts_of
from .words import N_, Problem, problem_from

#: Of a question about receipts; of one about messages only the last two.
TOKENS = ("id", "ids", "user", "secret")
INBOX_TOKENS = ("user", "secret")
#: A JSON string that is only this becomes a list, of numbers or of texts.
NUMBER_LIST, TEXT_LIST = "{int:ids}", "{ids}"
MOST_IDS = 32  # in one question: more than that Dinstar's gateways refuse

PROBLEMS = {
    "ask_ids": N_("The ids are nowhere: write {ids}, {int:ids} in JSON, or {id}."),
    "ask_url": N_("The address that is to be asked is missing."),
}


@dataclass(frozen=True, slots=True)
class Questions:
    """The two questions; one without an address is not asked."""

    url: str
    pairs: tuple[tuple[str, str], ...]
    document: Any  # of JSON; None = there is none
    inbox_url: str
    every_s: int

    @property
    def most_ids(self) -> int:
        """How many messages one question may be about."""
        parts = [self.url, *(value for _, value in self.pairs)]
        parts += texts_of(self.document)
        return MOST_IDS if any("ids}" in part for part in parts) else 1


def read_questions(settings: Mapping[str, str]) -> Questions | dict[str, Problem]:
    """The questions of a trunk's settings, or the problems by setting."""
    fields = settings["ask_fields"]
    url, inbox_url = (_whole(settings, key) for key in ("ask_url", "inbox_url"))
    problems: dict[str, Problem] = {}
    if not url and not inbox_url:
        problems["ask_url"] = problem_from(PROBLEMS, "ask_url")
    for key, value, known in (
        ("ask_url", url, TOKENS),
        ("inbox_url", inbox_url, INBOX_TOKENS),
    ):
        found = check_url(value, known) if value else None
        if found is not None:
            problems[key] = found
    read = _read_fields(fields)
    if isinstance(read, Problem):
        return {**problems, "ask_fields": read}
    pairs, document = read
    every = texts_of(document) + [value for _, value in pairs]
    for text in every:
        found = None if text == NUMBER_LIST else check_tokens(text, TOKENS)
        if found is not None:
            problems["ask_fields"] = found
    if url and not problems and not _has_ids([url, *every]):
        problems["ask_fields" if fields else "ask_url"] = problem_from(
            PROBLEMS, "ask_ids"
        )
    return problems or Questions(
        *(url, pairs, document, inbox_url, int(settings["ask_every_s"]))
    )


def _whole(settings: Mapping[str, str], key: str) -> str:
    """The address; a path alone is one of the server that messages go to."""
    written = settings[key]
    return urljoin(settings["url"], written) if written.startswith("/") else written


def _has_ids(texts: list[str]) -> bool:
    names = ("{id}", TEXT_LIST, NUMBER_LIST)
    return any(name in text for text in texts for name in names)


Fields = tuple[tuple[tuple[str, str], ...], Any]


def _read_fields(written: str) -> Fields | Problem:
    """The pairs of a form, or a JSON document."""
    if written.startswith(("{", "[")):
        return read_json(written)
    entries = (one.partition("=") for one in written.split("&") if one)
    return tuple((name, value) for name, _, value in entries), None
