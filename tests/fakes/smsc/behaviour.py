"""How the simulator is told to behave: values only, no decisions and no I/O.

Every field is off by default: `Behaviour()` takes every message at once. Read
from JSON and key=value flags for the command line; a wrong name is an error,
never ignored, or a fault run would quietly test nothing.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

T = TypeVar("T")
IdForm = Literal["hex", "decimal", "uuid", "empty"]
ReceiptIdForm = Literal["same", "hex", "decimal"]
HangUp = Literal["reset", "close", "unbind"]
Unsolicited = Literal["enquire_link", "alert_notification", "unknown", "generic_nack"]

RECEIPT_TEXT = (
    "id:{id} sub:001 dlvrd:{dlvrd} submit date:{date} done date:{date} "
    "stat:{stat} err:{err} text:{text}"
)
"""The customary form (SMPP 3.4 appendix B)."""


@dataclass(frozen=True)
class Receipts:
    """Final delivery receipts for accepted messages that asked for one."""

    delay_s: float = 0.0
    """After the answer was given, or dropped."""
    before_answer: bool = False
    """Overtakes the submit_sm_resp; delay_s is not looked at."""
    unasked: bool = False
    """Also where registered_delivery asks for none."""
    text: bool = True
    template: str = RECEIPT_TEXT
    """Fields: id, dlvrd, date, stat, err, text."""
    date_format: str = "%y%m%d%H%M"
    in_payload: bool = False
    """The text goes into message_payload instead of short_message."""
    tlvs: bool = True
    """receipted_message_id (0x001E) and message_state (0x0427)."""
    id_form: ReceiptIdForm = "same"
    """How the receipt writes the id; "same" as in the answer."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Pattern searched in the number -> stat; the first that fits, or DELIVRD."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """stat -> err; "000" for DELIVRD and "001" for the rest by default."""
    copies: int = 1

    def __post_init__(self) -> None:
        _check_choice("id_form", self.id_form, get_args(ReceiptIdForm))
        _check_patterns(self.states)


@dataclass(frozen=True)
class Behaviour:
    """One SMSC's manners. Shares are 0.0 to 1.0 of the submissions."""

    # The bind
    system_id: str | None = None
    """Wrong: bind_resp 0x0F; None takes any."""
    password: str | None = None
    """Wrong: bind_resp 0x0E; None takes any."""
    refuse_bind: int = 0
    """command_status for every bind."""
    answer_binds: bool = True

    # The verdict on a submission
    reject: Mapping[str, int] = field(default_factory=dict)
    """Pattern searched in the number -> command_status; the first that fits."""
    throttle_above_per_s: int | None = None
    """Takes so many in any one second, 0x58 to the rest."""
    throttle_share: float = 0.0
    nack_share: float = 0.0
    """Rejected by a generic_nack with nack_status in place of the answer."""
    nack_status: int = 0x08
    message_id_form: IdForm = "hex"
    message_id_nul: bool = True
    """False leaves out the final NUL of the message_id."""

    # The answer
    answer_delay_s: float | tuple[float, float] = 0.0
    """Fixed, or drawn evenly from a range."""
    drop_answer_share: float = 0.0
    """Accepted, never answered."""
    double_answer_share: float = 0.0
    late_answer_share: float = 0.0
    """Answered after late_answer_s: past the client's time-out."""
    late_answer_s: float = 60.0
    shuffle_answers: int = 0
    """Hold so many answers back, then give them in random order."""
    shuffle_wait_s: float = 0.2
    """Give what is held after this, when no more come."""
    answer_tlvs: Mapping[int, bytes] = field(default_factory=dict)
    """Appended to the submit_sm_resp of an accepted message."""
    error_body: bool = False
    """Error answers carry an empty message_id; §4.4.2 says no body at all."""

    # The bytes
    split_bytes: int = 0
    """Everything is written in pieces of so many bytes, split_gap_s apart."""
    split_gap_s: float = 0.001
    glue_s: float = 0.0
    """Gathers what is to be written for so long, then writes it at once."""

    # The link
    hang_up: HangUp | None = None
    hang_up_after: int = 1
    """On the so-many-th submission of a link (1 is the first)."""
    hang_up_before_answer: bool = False
    silent_after: int | None = None
    """A link reads but says nothing after so many submissions; 0: once bound."""
    fault_times: int | None = None
    """Only the first so many links that get there hang up or fall silent."""
    unsolicited: Mapping[Unsolicited, float] = field(default_factory=dict)
    """Kind -> sent every so many seconds on every bound link."""

    # Towards the client
    receipts: Receipts | None = None
    replies: Mapping[str, str] = field(default_factory=dict)
    """Pattern searched in the number -> what the person there answers, once, to the
    first message that was accepted."""
    reply_delay_s: float = 1.0
    deliver_window: int = 100
    """Unanswered deliver_sm per link."""
    redeliver_s: float = 1.0
    """After a deliver_sm_resp with a temporary error (0x08, 0x14, 0x58, 0x64)."""

    default_alphabet: str = "gsm7"
    """What data_coding 0 means here: "gsm7", or a codec such as "latin-1"."""
    seed: int = 1
    """For every share, range and shuffle."""

    def __post_init__(self) -> None:
        """Raises ValueError: a fault that is misspelt would test nothing."""
        _check_choice("message_id_form", self.message_id_form, get_args(IdForm))
        _check_choice("hang_up", self.hang_up, (None, *get_args(HangUp)))
        for kind in self.unsolicited:
            _check_choice("unsolicited", kind, get_args(Unsolicited))
        for name, value in vars(self).items():
            if name.endswith("_share") and not 0 <= value <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {value!r}")
        _check_patterns(self.reject)
        _check_patterns(self.replies)

    @property
    def takes_all_at_once(self) -> bool:
        """Submissions are judged and answered exactly as by default."""
        return self == dataclasses.replace(
            Behaviour(), **{name: getattr(self, name) for name in _NOT_OF_SUBMISSIONS}
        )

    @property
    def answer_delay_range_s(self) -> tuple[float, float]:
        """The shortest and the longest delay."""
        if isinstance(self.answer_delay_s, int | float):
            return self.answer_delay_s, self.answer_delay_s
        shortest, longest = self.answer_delay_s
        return shortest, longest


_NOT_OF_SUBMISSIONS = (
    "system_id",
    "password",
    "refuse_bind",
    "answer_binds",
    "split_bytes",
    "split_gap_s",
    "glue_s",
    "unsolicited",
    "deliver_window",
    "redeliver_s",
    "default_alphabet",
    "seed",
)


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is one of {choices}, not {value!r}")


def _check_patterns(patterns: Iterable[str]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a pattern: {pattern!r}: {error}") from error


def from_mapping(values: Mapping[str, Any]) -> Behaviour:
    """A Behaviour from parsed JSON; raises ValueError for an unknown name."""
    known = dict(values)
    if isinstance(known.get("receipts"), Mapping):
        known["receipts"] = _checked(Receipts, known["receipts"])
    elif "receipts" in known:
        known["receipts"] = Receipts() if known["receipts"] else None
    if "answer_tlvs" in known:
        known["answer_tlvs"] = {
            int(str(tag), 0): bytes.fromhex(octets)
            for tag, octets in known["answer_tlvs"].items()
        }
    if isinstance(known.get("answer_delay_s"), list):
        known["answer_delay_s"] = tuple(known["answer_delay_s"])
    return _checked(Behaviour, known)


def from_arguments(arguments: Iterable[str]) -> Behaviour:
    """From JSON files and key=value flags, later ones winning.

    A value is JSON, or else a plain string; `receipts.delay_s=2` reaches into
    the receipts. Raises ValueError for what cannot be read.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            values.update(json.loads(Path(argument).read_text("utf-8")))
            continue
        room = values
        if name.startswith("receipts."):
            if not isinstance(values.get("receipts"), dict):
                values["receipts"] = {}
            room, name = values["receipts"], name.removeprefix("receipts.")
        try:
            room[name] = json.loads(value)
        except json.JSONDecodeError:
            room[name] = value
    return from_mapping(values)


def _checked(kind: type[T], values: Mapping[str, Any]) -> T:
    names = set(kind.__annotations__)
    unknown = sorted(set(values) - names)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")
    return kind(**values)
