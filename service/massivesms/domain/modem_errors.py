"""Every error of a GSM modem (+CMS, +CME): its name, what to do, its words.

One table, so that an error never has words and no treatment. Sources: 3GPP 27.005
§3.2.5, 27.007 §9.2, 24.011 annex E, 23.040 §9.2.3.22, and what the field has
learned. Unknown ones and those of makers share one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from .words import N_


class Treatment(StrEnum):
    """What an error means for the message that it answers."""

    AGAIN = "again"  # the same modem, after a wait
    ONCE_MORE = "once_more"  # nobody knows whose fault it is
    GIVE_UP = "give_up"  # the fault is the message's, for good
    STOP = "stop"  # the modem can send nothing until a person helps
    MAKE_ROOM = "make_room"  # the storage is full: empty it, then again
    WAIT = "wait"  # again, but only when the text was not handed over yet
    DOUBT = "doubt"  # the same; the network may have taken it


class Error(NamedTuple):
    """One error: its name in the standard, its treatment, its words."""

    name: str
    treatment: Treatment
    words: str


AGAIN, ONCE, FAIL = Treatment.AGAIN, Treatment.ONCE_MORE, Treatment.GIVE_UP
STOP, ROOM = Treatment.STOP, Treatment.MAKE_ROOM
WAIT, DOUBT = Treatment.WAIT, Treatment.DOUBT

_NUMBER = N_("The network does not know this number.")
_OUT_OF_REACH = N_("The network cannot reach this number now.")
_MESSAGE = N_("The network does not accept the message.")
_BUSY = N_("The network is busy.")
_CENTRE = N_("The message centre has a fault of its own.")
_BARRED = N_("The operator has barred this SIM card from sending.")
_NO_SERVICE = N_("The modem has no network.")
_NO_ANSWER = N_("The network did not answer the modem.")
_SIM_MISSING = N_("There is no SIM card in the modem.")
_SIM_FAULT = N_("The SIM card is faulty or not accepted.")
_SIM_BUSY = N_("The SIM card is busy.")
_PIN = N_("The SIM card asks for its PIN.")
_PUK = N_("The SIM card is blocked: it asks for its PUK.")
_FULL = N_("The storage for messages is full.")
_PDU = N_("The modem does not accept the message.")
_MODEM = N_("The modem has a fault of its own.")
_NO_CENTRE = N_("The SIM card has no number of a message centre.")
_TWICE = N_("The message centre says that it has this message already.")
_UNKNOWN = N_("The modem reports an error that is not known.")

CMS: Mapping[int, Error] = {
    1: Error("Unassigned (unallocated) number", FAIL, _NUMBER),
    8: Error("Operator determined barring", STOP, _BARRED),
    10: Error("Call barred", STOP, _BARRED),
    17: Error("Network failure", AGAIN, _BUSY),
    21: Error("Short message transfer rejected", FAIL, _MESSAGE),
    22: Error("Congestion", AGAIN, _BUSY),
    27: Error("Destination out of service", ONCE, _OUT_OF_REACH),
    28: Error("Unidentified subscriber", FAIL, _NUMBER),
    29: Error("Facility rejected", STOP, _BARRED),
    30: Error("Unknown subscriber", FAIL, _NUMBER),
    38: Error("Network out of order", ONCE, _OUT_OF_REACH),
    41: Error("Temporary failure", AGAIN, _BUSY),
    42: Error("Congestion", AGAIN, _BUSY),
    47: Error("Resources unavailable, unspecified", AGAIN, _BUSY),
    50: Error("Requested facility not subscribed", FAIL, _MESSAGE),
    69: Error("Requested facility not implemented", FAIL, _MESSAGE),
    81: Error("Invalid short message transfer reference value", WAIT, _MODEM),
    **{n: Error(f"Protocol error {n}", FAIL, _MESSAGE) for n in range(95, 100)},
    111: Error("Protocol error, unspecified", FAIL, _MESSAGE),
    127: Error("Interworking, unspecified", FAIL, _MESSAGE),
    **{n: Error(f"Message refused {n}", FAIL, _MESSAGE) for n in range(128, 192)},
    192: Error("SC busy", AGAIN, _BUSY),
    193: Error("No SC subscription", STOP, _BARRED),
    194: Error("SC system failure", AGAIN, _CENTRE),
    195: Error("Invalid SME address", FAIL, _NUMBER),
    196: Error("Destination SME barred", FAIL, _NUMBER),
    197: Error("SM Rejected-Duplicate SM", DOUBT, _TWICE),
    198: Error("TP-VPF not supported", FAIL, _MESSAGE),
    199: Error("TP-VP not supported", FAIL, _MESSAGE),
    208: Error("(U)SIM SMS storage full", ROOM, _FULL),
    300: Error("ME failure", WAIT, _MODEM),
    301: Error("SMS service of ME reserved", WAIT, _MODEM),
    302: Error("operation not allowed", WAIT, _MODEM),
    303: Error("operation not supported", WAIT, _MODEM),
    304: Error("invalid PDU mode parameter", FAIL, _PDU),
    305: Error("invalid text mode parameter", FAIL, _PDU),
    310: Error("(U)SIM not inserted", STOP, _SIM_MISSING),
    311: Error("(U)SIM PIN required", STOP, _PIN),
    312: Error("PH-(U)SIM PIN required", STOP, _PIN),
    313: Error("(U)SIM failure", STOP, _SIM_FAULT),
    314: Error("(U)SIM busy", AGAIN, _SIM_BUSY),
    315: Error("(U)SIM wrong", STOP, _SIM_FAULT),
    316: Error("(U)SIM PUK required", STOP, _PUK),
    317: Error("(U)SIM PIN2 required", STOP, _PIN),
    318: Error("(U)SIM PUK2 required", STOP, _PUK),
    320: Error("memory failure", ROOM, _FULL),
    322: Error("memory full", ROOM, _FULL),
    330: Error("SMSC address unknown", STOP, _NO_CENTRE),
    331: Error("no network service", WAIT, _NO_SERVICE),
    332: Error("network timeout", DOUBT, _NO_ANSWER),
    500: Error("unknown error", DOUBT, _UNKNOWN),
    **{n: Error(f"Maker's error {n}", WAIT, _MODEM) for n in range(512, 516)},
}
CME: Mapping[int, Error] = {
    3: Error("operation not allowed", WAIT, _MODEM),
    4: Error("operation not supported", WAIT, _MODEM),
    10: Error("SIM not inserted", STOP, _SIM_MISSING),
    11: Error("SIM PIN required", STOP, _PIN),
    12: Error("SIM PUK required", STOP, _PUK),
    13: Error("SIM failure", STOP, _SIM_FAULT),
    14: Error("SIM busy", AGAIN, _SIM_BUSY),
    15: Error("SIM wrong", STOP, _SIM_FAULT),
    16: Error("incorrect password", STOP, N_("The PIN of the SIM card is wrong.")),
    20: Error("memory full", ROOM, _FULL),
    30: Error("no network service", AGAIN, _NO_SERVICE),
    31: Error("network timeout", DOUBT, _NO_ANSWER),
    32: Error("network not allowed - emergency calls only", STOP, _BARRED),
    100: Error("unknown", DOUBT, _UNKNOWN),
}
UNKNOWN = Error("unknown error", DOUBT, _UNKNOWN)

TABLES: Mapping[str, Mapping[int, Error]] = {"cms": CMS, "cme": CME}


def error_of(table: str, number: int) -> Error:
    """The row of an error, known or not; `table` is cms or cme."""
    return TABLES[table].get(number, UNKNOWN)


def number_named(table: str, words: str) -> int | None:
    """The number of an error that a modem writes in words (AT+CMEE=2)."""
    wanted = words.strip().lower().replace("(u)", "")
    for number, error in TABLES[table].items():
        if error.name.lower().replace("(u)", "") == wanted:
            return number
    return None


def result_code(table: str, number: int) -> str:
    """The stable code under which an error is stored, e.g. cms_38."""
    return f"{table}_{number}" if number in TABLES[table] else f"{table}_unknown"


def detail(table: str, number: int) -> str:
    """What a technician wants to see, e.g. "+CMS ERROR: 38 (Network out of order)"."""
    return f"+{table.upper()} ERROR: {number} ({error_of(table, number).name})"


ERROR_WORDS: Mapping[str, str] = {
    **{
        result_code(table, number): error.words
        for table, errors in TABLES.items()
        for number, error in errors.items()
    },
    **{f"{table}_unknown": _UNKNOWN for table in TABLES},
}
