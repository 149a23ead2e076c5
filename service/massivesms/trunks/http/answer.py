"""From a provider's answer to the outcome of its message. Pure.

An answer that says no means *not accepted*. One that cannot be understood leaves the
message in doubt: it may have been taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.http_places import Body, Place, read_body
from ...domain.http_provider import Provider
from ...domain.http_reasons import REASONS, of_status, result_code
from ...domain.inert_text import inert
from ...domain.outcomes import Accepted, Decision, Deferred, InDoubt, Outcome, Rejected
from .request import Access

MOST_SHOWN = 160
MOST_ID = 255  # longer ones are none
LONGEST_WAIT_S = 3600
LIMIT_WAIT_S = 5  # when it is too fast and no wait is asked for


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the body's beginning, and the wait that was asked for."""

    status: int
    body: bytes
    retry_after_s: int | None = None


def judge(provider: Provider, answer: Answer, access: Access) -> Outcome:
    """What an answer means for the message."""
    body = read_body(answer.body)
    code = _find(provider.code_at, body)
    if _is_success(provider, answer.status, body) and code not in provider.errors:
        return _taken(provider, answer, body, access)
    reason = _reason(provider, answer, code)
    if reason is None:
        return InDoubt("http_unreadable", shown(answer, access))
    detail = _detail(provider, answer, body, code, access)
    decision = REASONS[reason].decision
    if decision is None:
        return InDoubt(result_code(reason), detail)
    wait_s = min(answer.retry_after_s or 0, LONGEST_WAIT_S)
    if decision is Decision.PAUSE_TRUNK:
        return Deferred(wait_s or LIMIT_WAIT_S, result_code(reason), detail)
    if wait_s and decision is Decision.RETRY:
        return Deferred(wait_s, result_code(reason), detail)
    return Rejected(result_code(reason), detail, decision)


def shown(answer: Answer, access: Access) -> str:
    """The beginning of an answer for people, without secrets."""
    text = " ".join(access.hide(answer.body.decode("utf-8", "replace")).split())
    return inert(f"{answer.status} {text}".strip())[:MOST_SHOWN]


def _is_success(provider: Provider, status: int, body: Body) -> bool:
    success = provider.success
    if status not in success.statuses:
        return False
    return success.at is None or success.at.find(body) == success.value


def _taken(
    provider: Provider, answer: Answer, body: Body, access: Access
) -> Accepted | InDoubt:
    """Taken, with its id; without the id that must be there nobody knows."""
    if provider.id_at is None:
        return Accepted(())
    found = (provider.id_at.find(body) or "").strip()
    if not found or len(found) > MOST_ID or not found.isprintable():
        return InDoubt("http_unreadable", shown(answer, access))
    return Accepted((found,))


def _reason(provider: Provider, answer: Answer, code: str | None) -> str | None:
    """Why it was not taken; None when the answer does not say that it was not."""
    status = answer.status
    if code in provider.errors:
        return provider.errors[code or ""]
    if status in provider.statuses:
        return provider.statuses[status]
    if status not in provider.success.statuses and not 200 <= status < 300:
        return of_status(status, says_when=answer.retry_after_s is not None)
    # A code says no by itself only where the success would stand, and does not.
    is_said = provider.code_at is not None and provider.code_at == provider.success.at
    is_no = is_said and code is not None and code != provider.success.value
    return "refused" if is_no else None


def _detail(
    provider: Provider, answer: Answer, body: Body, code: str | None, access: Access
) -> str:
    words = _find(provider.words_at, body)
    if not code and not words:
        return shown(answer, access)
    said = ": ".join(filter(None, (code, words)))
    return inert(" ".join(access.hide(said).split()))[:MOST_SHOWN]


def _find(place: Place | None, body: Body) -> str | None:
    return place.find(body) if place is not None else None
