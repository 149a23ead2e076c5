"""What a provider tells us over HTTP: is it really from there, and what does it say.

Pure: octets and headers in, delivery states and messages of people out. A call whose
signature or token is not right is never read. Facts of the public documents of Twilio
and of WhatsApp's Cloud API.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..domain.http_places import read_body, whole
from ..domain.http_told import Found, Told, Written, fields, plain_number

MOST_BODY = 256 * 1024
MOST_STATES = 1000  # in one call

#: Their states -> ours of a receipt; the others are steps on the way.
TWILIO_STATES: Mapping[str, str] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
    "canceled": "rejected",
}
_TWILIO_CAME = ("received", "receiving")  # of a person's message
WHATSAPP_STATES: Mapping[str, str] = {
    "delivered": "delivered",
    "read": "delivered",
    "failed": "undelivered",
}
#: Messages of WhatsApp's that have a text, and where in them it stands.
_WHATSAPP_TEXTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "text": (("text", "body"),),
    "button": (("button", "text"),),
    "interactive": (
        ("interactive", "button_reply", "title"),
        ("interactive", "list_reply", "title"),
    ),
    "reaction": (("reaction", "emoji"),),
}
#: WhatsApp keeps numbers as they were before two countries changed theirs: Mexico's
#: with a 1 that is gone (2019), some of Brazil's without the 9 of mobiles (2012-16).
_OLD_NUMBERS = (
    (re.compile(r"521(\d{10})"), r"52\1"),
    (re.compile(r"55(\d\d)([6-9]\d{7})"), r"55\g<1>9\2"),
)
_MOST_MEDIA = 10  # of one message of Twilio's


def is_of_twilio(signature: str, url: str, body: bytes, token: str) -> bool:
    """X-Twilio-Signature: HMAC-SHA1 over the address and the sorted fields of the form.

    `url` is the address as the provider was given it.
    """
    pairs = sorted(fields(body))
    signed = url + "".join(name + value for name, value in pairs)
    digest = hmac.digest(token.encode(), signed.encode(), "sha1")
    wanted = base64.b64encode(digest).decode()
    return bool(token) and hmac.compare_digest(signature.encode(), wanted.encode())


def is_of_whatsapp(signature: str, body: bytes, app_secret: str) -> bool:
    """X-Hub-Signature-256: HMAC-SHA256 over the body, by the secret of the app."""
    wanted = "sha256=" + hmac.digest(app_secret.encode(), body, "sha256").hex()
    return bool(app_secret) and hmac.compare_digest(signature.encode(), wanted.encode())


def has_token(said: str, wanted: str) -> bool:
    """Whether the end of an address is the token; never without one."""
    return bool(wanted) and hmac.compare_digest(said.encode(), wanted.encode())


def told_by_twilio(body: bytes) -> Found:
    """A status callback (with MessageStatus) or a message that came in."""
    given = dict(fields(body))
    their_id = given.get("MessageSid", "")
    if not their_id:
        return Found(unknown=1)
    status = given.get("MessageStatus", "received")
    if status not in _TWILIO_CAME:
        state = TWILIO_STATES.get(status, "")
        error, number = given.get("ErrorCode", ""), plain_number(given.get("To", ""))
        told = Told(their_id, state, error, number)
        return Found(receipts=(told,) if state else ())
    if not given.get("From") or "Body" not in given:
        return Found(unknown=1)
    text = " ".join(filter(None, (given["Body"], *_media(given))))
    sender, recipient = _address(given["From"]), _address(given.get("To", ""))
    return Found(messages=(Written(their_id, sender, recipient, text),))


def _media(given: Mapping[str, str]) -> Iterator[str]:
    """What cannot be shown, by its type: [image/jpeg]."""
    for n in range(_MOST_MEDIA):
        if kind := given.get(f"MediaContentType{n}"):
            yield f"[{kind[:60]}]"


def _address(written: str) -> str:
    """whatsapp:+34600111222 without its channel."""
    return written.rpartition(":")[2]


def told_by_whatsapp(body: bytes) -> Found:
    """The states and messages in a webhook; one call may have many, of several."""
    document = read_body(body).json
    if not isinstance(document, dict):
        return Found(unknown=1)
    receipts: list[Told] = []
    messages: list[Written] = []
    for entry in _list(document, "entry"):
        for change in _list(entry, "changes"):
            value = _member(change, "value")
            receipts += filter(None, map(_whatsapp_status, _list(value, "statuses")))
            to = _text(_member(value, "metadata"), "display_phone_number")
            for message in _list(value, "messages"):
                if one := _whatsapp_message(message, to):
                    messages.append(one)
    return Found(tuple(receipts[:MOST_STATES]), tuple(messages[:MOST_STATES]))


def _whatsapp_status(status: Any) -> Told | None:
    state = WHATSAPP_STATES.get(_text(status, "status"), "")
    their_id = _text(status, "id")
    if not state or not their_id:
        return None
    errors = _list(status, "errors")
    error = _text(errors[0], "code") if errors else ""
    return Told(their_id, state, error, _number(_text(status, "recipient_id")))


def _whatsapp_message(message: Any, to: str) -> Written | None:
    """A message of any type; what has no text says of which type it is."""
    their_id, sender = _text(message, "id"), _text(message, "from")
    kind = _text(message, "type")
    if not their_id or not sender or not kind:
        return None
    text = ""
    for *path, last in _WHATSAPP_TEXTS.get(kind, ()):
        found = message
        for step in path:
            found = _member(found, step)
        text = text or _text(found, last)
    if not text:
        caption = _text(_member(message, kind), "caption")
        text = " ".join(filter(None, (f"[{kind[:60]}]", caption)))
    is_number = sender.isascii() and sender.isdecimal()
    sender = f"+{_number(sender)}" if is_number else sender
    return Written(their_id, sender, to, text)


def _number(digits: str) -> str:
    """A number of WhatsApp's as the rest of the world writes it today."""
    for pattern, form in _OLD_NUMBERS:
        if found := pattern.fullmatch(digits):
            return found.expand(form)
    return digits


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any, name: str) -> list[Any]:
    found = _member(value, name)
    return found if isinstance(found, list) else []


def _text(value: Any, name: str) -> str:
    found = _member(value, name)
    is_plain = isinstance(found, str | int) and not isinstance(found, bool)
    return whole(str(found)) if is_plain else ""
