"""Owns fakes of SMS providers: real HTTP, answers as their public documents say.

They know nothing of our code. `taken` is what each would have sent to phones; `faults`
go wrong one request after the other, before or after the message was taken.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.target import Answer, Got, Target, cut, hang, status

USER, SECRET = "AC0123", "t0ken+/é"
GARBAGE = b"\x00\x01\x02 this is no HTTP at all\r\n\r\n"


SLOW_S = 0.3


def late(answer: bytes) -> Answer:
    """The same answer after a while."""

    def wait(line: socket.socket, ending: threading.Event) -> None:
        ending.wait(SLOW_S)
        line.sendall(answer)

    return wait


def told(line: str, body: object, *headers: str) -> bytes:
    """An answer in JSON."""
    kind = "Content-Type: application/json"
    return status(line, kind, *headers, body=json.dumps(body))


@dataclass
class Provider(Target):
    """What all have: faults by request, and a limit of messages until it is lifted."""

    faults: list[str] = field(default_factory=list)
    limit: int | None = None  # messages; then it is too fast
    retry_after: str = "2"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.taken: list[tuple[str, str]] = []  # (number, text)
        self.base = self.url.removesuffix("/hook")

    def answer_to(self, got: Got) -> Answer:
        """What the provider says, or what goes wrong."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "503":
            return status("503 Service Unavailable", f"Retry-After: {self.retry_after}")
        if fault == "502":
            return status("502 Bad Gateway", body="<html>Bad Gateway</html>")
        if fault == "moved":
            return status("302 Found", "Location: http://127.0.0.1:1/")
        answer = self.reply(got)
        if fault == "garbage":
            return GARBAGE
        if fault == "page":
            return status("200 OK", body="<html>Sign in to the hotel's WLAN</html>")
        if fault == "slow":
            return late(answer)
        return {"hang": hang, "cut": cut}.get(fault, answer)

    def reply(self, got: Got) -> bytes:
        """The answer of a provider that works."""
        raise NotImplementedError

    def is_too_fast(self) -> bool:
        """Whether the limit is used up."""
        return self.limit is not None and len(self.taken) >= self.limit


def signs_in(got: Got) -> bool:
    """Whether the request has the right user and secret (RFC 7617)."""
    pair = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
    return got.headers.get("authorization") == f"Basic {pair}"


class Twilio(Provider):
    """Messages of the API of 2010."""

    def reply(self, got: Got) -> bytes:
        if not got.line.startswith(f"POST /2010-04-01/Accounts/{USER}/Messages.json "):
            return self._no("404 Not Found", 20404, "not found")
        if not signs_in(got):
            return self._no("401 Unauthorized", 20003, "Authenticate")
        if self.is_too_fast():
            after = f"Retry-After: {self.retry_after}"
            return self._no("429 Too Many Requests", 20429, "Too Many Requests", after)
        asked = dict(parse_qsl(got.body.decode()))
        if not asked.get("From"):
            return self._no("400 Bad Request", 21603, "A 'From' is required")
        if not re.fullmatch(r"\+[1-9]\d{7,14}", asked.get("To", "")):
            return self._no("400 Bad Request", 21211, "Invalid 'To'")
        if len(asked.get("Body", "")) > 1600:
            return self._no("400 Bad Request", 21617, "Body too long")
        self.taken.append((asked["To"], asked["Body"]))
        sid = f"SM{len(self.taken):032x}"
        return told("201 Created", {"sid": sid, "status": "queued"})

    def _no(self, line: str, code: int, words: str, *headers: str) -> bytes:
        body = {"code": code, "message": words, "status": int(line[:3])}
        return told(line, body, *headers)


class Whatsapp(Provider):
    """Messages of the Cloud API; `open_windows` are persons who wrote today."""

    open_windows: frozenset[str] = frozenset()
    id_length: int = 0  # of what all ids begin with

    def reply(self, got: Got) -> bytes:
        if got.headers.get("authorization") != f"Bearer {SECRET}":
            return self._no("401 Unauthorized", 190, "Error validating access token")
        if self.is_too_fast():
            return self._no("400 Bad Request", 130429, "Rate limit hit")
        asked = got.told
        number = asked["to"].removeprefix("+")
        if len(number) < 11:  # a country code is needed
            return self._no("400 Bad Request", 131026, "Message undeliverable")
        if asked["type"] == "text" and number not in self.open_windows:
            return self._no("400 Bad Request", 131047, "Re-engagement message")
        self.taken.append((number, json.dumps(asked[asked["type"]])))
        their_id = f"wamid.{'A' * self.id_length}{len(self.taken):08d}"
        return told("200 OK", {"messages": [{"id": their_id}]})

    def _no(self, line: str, code: int, words: str) -> bytes:
        return told(line, {"error": {"message": words, "code": code}})


class Dinstar(Provider):
    """A gateway with Digest (RFC 7616): send_sms, query_sms_result, query_incoming_sms.

    `ports` are those it was told, `states` what became of messages by user_id, `inbox`
    what came in: (number, text). It believes each count of its nonce once.
    """

    nonce = "dcd98b7102dd2f0e"
    most_ids = 32
    inbox_at_once = 2  # the answers of the real one are cut at some octets

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ports: list[list[int]] = []
        self.states: dict[int, str] = {}
        self.numbers: dict[int, str] = {}
        self.inbox: list[tuple[str, str]] = []
        self.read = 0
        self.challenged = 0
        self.counts: set[tuple[str, str]] = set()
        self.is_enabled = True

    def reply(self, got: Got) -> bytes:
        if not self._signs_in(got):
            self.challenged += 1
            asks = f'Digest realm="gw", qop="auth", nonce="{self.nonce}", opaque="x"'
            return status("401 Unauthorized", f"WWW-Authenticate: {asks}")
        if not self.is_enabled:
            return told("200 OK", {"error_code": 404, "sn": "dbd2"})
        if "/api/query_sms_result" in got.line:
            return self._result(got.told["user_id"])
        if "/api/query_incoming_sms?flag=unread" in got.line:
            return self._incoming()
        return self._send(got.told)

    def _send(self, asked: dict[str, Any]) -> bytes:
        if not asked.get("param"):
            return told("200 OK", {"error_code": 400})
        (one,) = asked["param"]
        self.taken.append((one["number"], one["text_param"][0]))
        self.ports.append(asked["port"])
        self.states.setdefault(one["user_id"], "SENDING")
        self.numbers[one["user_id"]] = one["number"]
        return told("200 OK", {"error_code": 202, "task_id": len(self.taken)})

    def _result(self, ids: list[int]) -> bytes:
        if len(ids) > self.most_ids:
            return told("200 OK", {"error_code": 413})
        found = [
            {"port": 0, "user_id": i, "number": self.numbers[i], "status": state}
            for i, state in self.states.items()
            if i in ids
        ]
        return told("200 OK", {"error_code": 200, "sn": "dbd2", "result": found})

    def _incoming(self) -> bytes:
        found = [
            {"incoming_sms_id": n + 1, "port": 1, "number": number, "text": text}
            for n, (number, text) in enumerate(self.inbox)
        ][self.read : self.read + self.inbox_at_once]
        self.read += len(found)
        left = len(self.inbox) - self.read
        body = {"error_code": 200, "sms": found, "read": self.read, "unread": left}
        return told("200 OK", body)

    def _signs_in(self, got: Got) -> bool:
        said = got.headers.get("authorization", "")
        if not said.startswith("Digest "):
            return False
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', said))
        if given["nonce"] != self.nonce or (self.nonce, given["nc"]) in self.counts:
            return False
        method, uri, _ = got.line.split(" ")
        first = _md5(f"{USER}:gw:{SECRET}")
        second = _md5(f"{method}:{uri}")
        middle = f"{self.nonce}:{given['nc']}:{given['cnonce']}:auth"
        if given["response"] != _md5(f"{first}:{middle}:{second}"):
            return False
        self.counts.add((self.nonce, given["nc"]))
        return True


class BulkSms(Provider):
    """Messages of the JSON API v1; the same deduplication-id is not sent again."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.known: dict[str, int] = {}

    def reply(self, got: Got) -> bytes:
        if not signs_in(got):
            return told("401 Unauthorized", {"type": "about:blank", "detail": "no"})
        key = got.line.partition("deduplication-id=")[2].split(" ")[0]
        if key not in self.known:
            self.taken.append((got.told["to"], got.told["body"]))
            self.known[key] = len(self.taken)
        return told("201 Created", [{"id": str(self.known[key])}])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as the RFC says
