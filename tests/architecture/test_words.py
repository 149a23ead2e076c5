"""Everything that can happen has words: states, statuses, result codes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from smpplib import consts

from massivesms.domain import mail_results, modem_errors, results, smpp_status
from massivesms.domain.permissions import PERMISSION_LABELS, Permission
from massivesms.domain.states import (
    CAMPAIGN_LABELS,
    STATE_LABELS,
    TRANSITIONS,
    CampaignState,
    MessageState,
)
from tests.architecture.source import SERVICE, modules, where

#: Names of smpplib that are no answer to anything we send.
NO_ANSWER = {
    "SMPP_ESME_ROK": "it is no error",
}
CARRIERS = {
    *("Rejected", "Deferred", "InDoubt", "TrunkDown", "TrunkUnavailable"),
    *("note", "StopWanted", "Over", "lost", "leave", "_give_back"),
}
#: function -> where its code stands, when it is not the first argument.
LATER = {
    "leave": 1,
    "show": 3,
    "recover": 3,
    "fail_waiting": 3,
    "release": 3,
    "doubt": 1,
    "give_back": 1,
}


def test_every_state_of_a_message_has_a_label_and_its_transitions() -> None:
    assert set(STATE_LABELS) == set(MessageState) == set(TRANSITIONS)
    assert all(STATE_LABELS.values())


def test_every_state_of_a_campaign_and_every_permission_has_a_label() -> None:
    assert set(CAMPAIGN_LABELS) == set(CampaignState)
    assert set(PERMISSION_LABELS) == set(Permission)


def test_an_end_state_leads_nowhere_and_every_state_can_be_reached() -> None:
    reached = set().union(*TRANSITIONS.values()) | {MessageState.QUEUED}
    assert reached == set(MessageState)


@pytest.mark.parametrize(
    "name", sorted(n for n in vars(consts) if n.startswith("SMPP_ESME_R"))
)
def test_every_command_status_has_a_decision(name: str) -> None:
    if name not in NO_ANSWER:
        assert getattr(consts, name) in smpp_status.STATUSES


@pytest.mark.parametrize("status", smpp_status.STATUSES, ids=hex)
def test_every_command_status_has_words(status: int) -> None:
    row = smpp_status.STATUSES[status]
    assert row.words.endswith(".")
    assert smpp_status.result_code(status) in results.RESULTS


def test_an_unknown_command_status_has_a_decision_and_words() -> None:
    assert smpp_status.status_of(0x7FF) is smpp_status.DEFAULT
    assert results.text(smpp_status.result_code(0x7FF), "0x7FF") != ""


@pytest.mark.parametrize(
    ("table", "number"),
    [(table, number) for table, rows in modem_errors.TABLES.items() for number in rows],
)
def test_every_error_of_a_modem_has_words(table: str, number: int) -> None:
    assert modem_errors.error_of(table, number).words.endswith(".")
    assert modem_errors.result_code(table, number) in results.RESULTS


def test_an_unknown_error_of_a_modem_has_a_treatment_and_words() -> None:
    assert modem_errors.error_of("cms", 4711) is modem_errors.UNKNOWN
    assert results.text(modem_errors.result_code("cms", 4711)) != ""


def used_codes() -> Iterator[tuple[str, str]]:
    """(code, where) of every result code written out in trunks and engine."""
    for module in modules(SERVICE):
        if module.room.split(".")[0] in ("trunks", "engine"):
            for node in ast.walk(module.tree):
                for code in _codes(node):
                    yield code, where(module, node)
    yield from _script_refusals()


def _codes(node: ast.AST) -> Iterator[str]:
    for expression in _carrying(node):
        for part in ast.walk(expression):
            is_text = isinstance(part, ast.Constant) and isinstance(part.value, str)
            if is_text and part.value:
                yield part.value


def _carrying(node: ast.AST) -> list[ast.expr]:
    """The expression of a call or an assignment that is a result code."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in CARRIERS or name in LATER:
            place = LATER.get(name, 0)
            return node.args[place : place + 1]
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        held = getattr(getattr(target, "value", None), "attr", "")
        if getattr(target, "id", "") in ("doubt", "code") or held == "doubts":
            return [node.value]
    return []


def _script_refusals() -> Iterator[tuple[str, str]]:
    """What script_files.refusal returns goes into TrunkUnavailable as it is."""
    module = next(m for m in modules(SERVICE) if m.name == "massivesms.script_files")
    for node in ast.walk(module.tree):
        constant = node.value if isinstance(node, ast.Return) else None
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
            yield constant.value, where(module, node)


USED = sorted(set(used_codes()))


def test_the_codes_of_trunks_and_engine_are_found() -> None:
    codes = {code for code, _ in USED}
    assert {"answer_timeout", "script_killed", "service_died", "bound"} <= codes
    assert len(codes) > 30


@pytest.mark.parametrize(("code", "place"), USED, ids=[f"{c}-{p}" for c, p in USED])
def test_every_result_code_in_use_has_words(code: str, place: str) -> None:
    assert code in {*results.RESULTS, *mail_results.RESULTS}, place
