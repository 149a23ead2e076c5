"""Every command_status of SMPP 3.4 (§5.1.3) and 5.0: words and decision.

One table, so that a status never has words and no decision. Operators' own
statuses (0x400 and above) and unknown ones share DEFAULT. The decisions are
those the field has learned to be right; a bind has its own, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .outcomes import Decision
from .words import N_


class Status(NamedTuple):
    """A command_status: its name, what to do with the message, its words."""

    name: str
    decision: Decision
    words: str


FAIL, RETRY = Decision.FAIL, Decision.RETRY
NEXT, ONCE = Decision.NEXT_TRUNK, Decision.NEXT_ONCE
STOP, PAUSE = Decision.STOP_TRUNK, Decision.PAUSE_TRUNK

_SENDER = N_("The operator does not accept the sender.")
_MESSAGE = N_("The operator does not accept a field of the message.")
_SYSTEM = N_("The operator has a fault of its own.")
_NUMBER = N_("The operator does not know this number.")
_LIST = N_("The operator refuses the distribution list.")
_QUERY = N_("The operator could not do that to a message.")
_BIND = N_("The operator does not accept the user or the password.")
_TLV = N_("The operator does not accept an optional field.")
_SERVICE = N_("The operator does not offer this service.")
_REFUSED = N_("The operator refused the message.")
_CREDIT = N_("There is no credit left at the operator.")
_MESSAGE_TEXT = N_("The operator does not accept the text.")

STATUSES: Mapping[int, Status] = {
    0x01: Status("RINVMSGLEN", FAIL, N_("The message is too long for the operator.")),
    0x02: Status("RINVCMDLEN", NEXT, N_("The operator found a wrong length.")),
    0x03: Status("RINVCMDID", NEXT, N_("The operator does not know this command.")),
    0x04: Status("RINVBNDSTS", NEXT, N_("The operator says we are not signed in.")),
    0x05: Status("RALYBND", NEXT, N_("The operator says we are signed in already.")),
    0x06: Status("RINVPRTFLG", NEXT, _MESSAGE),
    0x07: Status("RINVREGDLVFLG", NEXT, N_("The operator offers no receipts.")),
    0x08: Status("RSYSERR", RETRY, _SYSTEM),
    0x0A: Status("RINVSRCADR", NEXT, _SENDER),
    0x0B: Status("RINVDSTADR", FAIL, _NUMBER),
    0x0C: Status("RINVMSGID", NEXT, _QUERY),
    0x0D: Status("RBINDFAIL", STOP, _BIND),
    0x0E: Status("RINVPASWD", STOP, _BIND),
    0x0F: Status("RINVSYSID", STOP, _BIND),
    0x11: Status("RCANCELFAIL", NEXT, _QUERY),
    0x13: Status("RREPLACEFAIL", NEXT, _QUERY),
    0x14: Status("RMSGQFUL", PAUSE, N_("The operator's queue is full.")),
    0x15: Status("RINVSERTYP", NEXT, _SERVICE),
    0x33: Status("RINVNUMDESTS", FAIL, _LIST),
    0x34: Status("RINVDLNAME", FAIL, _LIST),
    0x40: Status("RINVDESTFLAG", NEXT, _MESSAGE),
    0x42: Status("RINVSUBREP", NEXT, _MESSAGE),
    0x43: Status("RINVESMCLASS", NEXT, _MESSAGE),
    0x44: Status("RCNTSUBDL", NEXT, _LIST),
    0x45: Status("RSUBMITFAIL", ONCE, _REFUSED),
    0x48: Status("RINVSRCTON", NEXT, _SENDER),
    0x49: Status("RINVSRCNPI", NEXT, _SENDER),
    0x50: Status("RINVDSTTON", ONCE, _NUMBER),
    0x51: Status("RINVDSTNPI", ONCE, _NUMBER),
    0x53: Status("RINVSYSTYP", STOP, N_("The operator refuses the system type.")),
    0x54: Status("RINVREPFLAG", NEXT, _MESSAGE),
    0x55: Status("RINVNUMMSGS", NEXT, _MESSAGE),
    0x58: Status("RTHROTTLED", PAUSE, N_("The operator asks to send more slowly.")),
    0x61: Status("RINVSCHED", NEXT, _MESSAGE),
    0x62: Status("RINVEXPIRY", NEXT, _MESSAGE),
    0x63: Status("RINVDFTMSGID", NEXT, _MESSAGE),
    0x64: Status("RX_T_APPN", RETRY, _SYSTEM),
    0x65: Status("RX_P_APPN", FAIL, _REFUSED),
    0x66: Status("RX_R_APPN", FAIL, _REFUSED),
    0x67: Status("RQUERYFAIL", NEXT, _QUERY),
    0xC0: Status("RINVOPTPARSTREAM", NEXT, _TLV),
    0xC1: Status("ROPTPARNOTALLWD", NEXT, _TLV),
    0xC2: Status("RINVPARLEN", NEXT, _TLV),
    0xC3: Status("RMISSINGOPTPARAM", NEXT, _TLV),
    0xC4: Status("RINVOPTPARAMVAL", NEXT, _TLV),
    0xFE: Status("RDELIVERYFAILURE", ONCE, _REFUSED),
    0xFF: Status("RUNKNOWNERR", RETRY, _SYSTEM),
    0x100: Status("RSERTYPUNAUTH", NEXT, _SERVICE),
    0x101: Status("RPROHIBITED", STOP, N_("The operator has closed this account.")),
    0x102: Status("RSERTYPUNAVAIL", NEXT, _SERVICE),
    0x103: Status("RSERTYPDENIED", NEXT, _SERVICE),
    0x104: Status("RINVDCS", NEXT, _MESSAGE_TEXT),
    0x105: Status("RINVSRCADDRSUBUNIT", NEXT, _MESSAGE),
    0x106: Status("RINVDSTADDRSUBUNIT", NEXT, _MESSAGE),
    0x107: Status("RINVBCASTFREQINT", NEXT, _MESSAGE),
    0x108: Status("RINVBCASTALIAS_NAME", NEXT, _MESSAGE),
    0x109: Status("RINVBCASTAREAFMT", NEXT, _MESSAGE),
    0x10A: Status("RINVNUMBCAST_AREAS", NEXT, _MESSAGE),
    0x10B: Status("RINVBCASTCNTTYPE", NEXT, _MESSAGE),
    0x10C: Status("RINVBCASTMSGCLASS", NEXT, _MESSAGE),
    0x10D: Status("RBCASTFAIL", NEXT, _REFUSED),
    0x10E: Status("RBCASTQUERYFAIL", NEXT, _QUERY),
    0x10F: Status("RBCASTCANCELFAIL", NEXT, _QUERY),
    0x110: Status("RINVBCAST_REP", NEXT, _MESSAGE),
    0x111: Status("RINVBCASTSRVGRP", NEXT, _MESSAGE),
    0x112: Status("RINVBCASTCHANIND", NEXT, _MESSAGE),
    0x40B: Status("NO_CREDIT", STOP, _CREDIT),
}

DEFAULT = Status("UNKNOWN", ONCE, _REFUSED)

#: Of a bind: these need a person; every other one is tried again after a wait.
BIND_STOPS = frozenset({0x0D, 0x0E, 0x0F, 0x53, 0x101, 0x40B})
ALREADY_BOUND = 0x05
THROTTLED, QUEUE_FULL, NOT_BOUND = 0x58, 0x14, 0x04


def status_of(command_status: int) -> Status:
    """The row of a status, known or not."""
    return STATUSES.get(command_status, DEFAULT)


def result_code(command_status: int) -> str:
    """The stable code under which a status is stored, e.g. smpp_0000000B."""
    return f"smpp_{command_status:08X}"


def detail(command_status: int) -> str:
    """What a technician wants to see of a status, e.g. "RINVDSTADR 0x0000000B"."""
    return f"{status_of(command_status).name} 0x{command_status:08X}"


STATUS_WORDS: Mapping[str, str] = {
    result_code(value): status.words for value, status in STATUSES.items()
}
