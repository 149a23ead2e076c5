"""What the simulator remembers: the append-only receive log, binds and answers.

Everything is appended by the loop's thread and read by any other. A submission
keeps its raw body and decodes it only when somebody looks, which is what lets
the simulator keep up with a benchmark. Decides nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, NamedTuple, TypeVar, cast

from tests.fakes.smsc.pdu import SubmitSm, decode_submit_sm

T = TypeVar("T")


class _Decoded(Generic[T]):
    """An attribute of Submission that is read from its decoded body."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, submission: Submission, owner: type) -> T:
        return cast(T, getattr(submission.fields, self._name))


class Submission:
    """One well-formed submit_sm, in the order of arrival.

    `verdict` and `id_number` are what the SMSC decided; `status` and
    `message_id` what it told the sender, None for as long as it told nothing.
    The two differ exactly where a sender is in doubt.
    """

    __slots__ = (
        "_fields",
        "at_s",
        "body",
        "id_number",
        "message_id",
        "status",
        "system_id",
        "verdict",
    )

    service_type = _Decoded[str]()
    source_ton = _Decoded[int]()
    source_npi = _Decoded[int]()
    sender = _Decoded[str]()
    dest_ton = _Decoded[int]()
    dest_npi = _Decoded[int]()
    number = _Decoded[str]()
    esm_class = _Decoded[int]()
    protocol_id = _Decoded[int]()
    priority_flag = _Decoded[int]()
    schedule_delivery_time = _Decoded[str]()
    validity_period = _Decoded[str]()
    registered_delivery = _Decoded[int]()
    replace_if_present = _Decoded[int]()
    data_coding = _Decoded[int]()
    short_message = _Decoded[bytes]()
    tlvs = _Decoded[dict[int, bytes]]()

    def __init__(self, at_s: float, system_id: str, body: bytes, number: int) -> None:
        self.at_s = at_s
        self.system_id = system_id
        self.body = body
        self.verdict = 0
        self.id_number = number
        self.message_id: str | None = None
        self.status: int | None = None
        self._fields: SubmitSm | None = None

    @property
    def fields(self) -> SubmitSm:
        """The decoded body."""
        if self._fields is None:
            self._fields = decode_submit_sm(self.body)
        return self._fields

    @property
    def accepted(self) -> bool:
        """The SMSC took it, whether or not the sender ever heard so."""
        return self.verdict == 0

    def __repr__(self) -> str:
        return (
            f"<Submission {self.sender!r} -> {self.number!r} verdict="
            f"{self.verdict:#x} status={self.status} id={self.message_id!r}>"
        )


@dataclass(slots=True)
class Bind:
    """One bind that was asked for; `status` is None when it was not answered."""

    command: str
    system_id: str
    password: str
    system_type: str
    interface_version: int
    status: int | None = None


class ClientPdu(NamedTuple):
    """A PDU of the client that is no submission, bind or enquiry."""

    command: int
    status: int
    sequence: int
    body: bytes


class ReceiveLog:
    """The lists, the condition that tests wait on, and the log file."""

    def __init__(self, path: Path | None = None) -> None:
        self.submissions: list[Submission] = []
        self.binds: list[Bind] = []
        self.delivered_answers: list[ClientPdu] = []
        self.other_answers: list[ClientPdu] = []
        self.refused: list[ClientPdu] = []
        self._changed = threading.Condition()
        self._file: IO[str] | None = path.open("a", encoding="ascii") if path else None

    def add(self, submission: Submission) -> None:
        """Append; an answer already set on it is part of the same line."""
        self.submissions.append(submission)
        if self._file:
            self._file.write(_arrival_line(submission))

    def answered(self, submission: Submission, status: int, text: str | None) -> None:
        """Note the answer that is about to be written to the wire."""
        submission.status, submission.message_id = status, text
        if self._file:
            self._file.write(_answer_line(submission))

    def announce(self) -> None:
        """Wake who waits. Called before anything that was logged is answered on
        the wire: a file that lacked an answered message would blame the sender."""
        if self._file:
            self._file.flush()
        with self._changed:
            self._changed.notify_all()

    def wait_until(self, fact: Callable[[], object], timeout_s: float) -> bool:
        """Sleep until `fact()` is true; False when the time ran out."""
        with self._changed:
            return bool(self._changed.wait_for(fact, timeout_s))

    def close(self) -> None:
        """Write out the file. The lists stay readable."""
        if self._file:
            self._file.close()
            self._file = None

    def span_s(self) -> float:
        """Seconds from the first submission to the last."""
        if not self.submissions:
            return 0.0
        return self.submissions[-1].at_s - self.submissions[0].at_s


def _arrival_line(submission: Submission) -> str:
    return (
        f'{{"at_s": {submission.at_s:.6f}, "verdict": {submission.verdict}, '
        f'"id_number": {submission.id_number}, '
        f'"status": {json.dumps(submission.status)}, '
        f'"message_id": {json.dumps(submission.message_id)}, '
        f'"system_id": {json.dumps(submission.system_id)}, '
        f'"body": "{submission.body.hex()}"}}\n'
    )


def _answer_line(submission: Submission) -> str:
    """Found again by id_number, which every submission has, rejected ones too."""
    answer = {
        "answer_to": submission.id_number,
        "status": submission.status,
        "message_id": submission.message_id,
    }
    return json.dumps(answer) + "\n"


def read_log(lines: Iterable[str]) -> list[Submission]:
    """The submissions of a log file, with the answers that were given later."""
    submissions: list[Submission] = []
    by_number: dict[int, Submission] = {}
    for line in lines:
        row = json.loads(line)
        if "answer_to" in row:
            submission = by_number[row["answer_to"]]
        else:
            body = bytes.fromhex(row["body"])
            submission = Submission(
                row["at_s"], row["system_id"], body, row["id_number"]
            )
            submission.verdict = row["verdict"]
            by_number[submission.id_number] = submission
            submissions.append(submission)
        submission.status = row["status"]
        submission.message_id = row["message_id"]
    return submissions
