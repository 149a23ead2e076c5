"""Every command_status has words and the decision that the field has learned."""

from __future__ import annotations

import pytest
from smpplib import consts

from massivesms.domain import smpp_status
from massivesms.domain.outcomes import Decision
from massivesms.domain.results import RESULTS
from massivesms.domain.smpp_status import STATUSES, detail, result_code, status_of

FIELD = {
    Decision.PAUSE_TRUNK: [0x58, 0x14],
    Decision.RETRY: [0x08, 0x64, 0xFF],
    Decision.FAIL: [0x0B, 0x01, 0x33, 0x34, 0x65, 0x66],
    Decision.STOP_TRUNK: [0x0D, 0x0E, 0x0F, 0x53, 0x101, 0x40B],
    Decision.NEXT_ONCE: [0x45, 0xFE, 0x50, 0x51, 0x400, 0x4FF, 0xFFFFFFFF, 0x09],
    Decision.NEXT_TRUNK: [0x0A, 0x48, 0x49, 0x15, 0x06, 0x07, 0x40, 0x42, 0x43, 0x44,
                          0x54, 0x55, 0x61, 0x62, 0x63, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4,
                          0x100, 0x102, 0x103, 0x104, 0x105, 0x106],
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "decision"),
    [(status, decision) for decision, all_ in FIELD.items() for status in all_],
    ids=lambda value: f"{value:#x}" if isinstance(value, int) else value,
)
def test_the_decision_is_the_fields(status: int, decision: Decision) -> None:
    assert status_of(status).decision is decision


def test_every_status_of_smpplib_is_in_the_table() -> None:
    theirs = {
        value
        for name, value in vars(consts).items()
        if name.startswith("SMPP_ESME_R") and isinstance(value, int) and value
    }
    assert theirs - set(STATUSES) == set()


@pytest.mark.parametrize("status", [*STATUSES, 0x4FF], ids=lambda s: f"{s:#x}")
def test_every_status_can_be_said(status: int) -> None:
    assert status_of(status).words
    if status in STATUSES:
        assert RESULTS[result_code(status)] == status_of(status).words


def test_a_technician_sees_name_and_number() -> None:
    assert detail(0x0B) == "RINVDSTADR 0x0000000B"
    assert detail(0x4FF) == "UNKNOWN 0x000004FF"
    assert result_code(0x4FF) == "smpp_000004FF"


def test_a_bind_stops_the_trunk_only_where_a_person_must_help() -> None:
    assert {0x0D, 0x0E, 0x0F, 0x53, 0x101, 0x40B} == smpp_status.BIND_STOPS
