"""What came of a short message, as an outcome: by domain.modem_errors.

The golden rule: after the text was handed over, only an error that surely means "not
taken" lets it be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...domain import modem_errors
from ...domain.modem_errors import Treatment
from ...domain.outcomes import Decision, Deferred, InDoubt, Outcome, Rejected, TrunkDown
from .events import CME, CMS, GONE, OK, SILENT, Ended

_DECISIONS: Mapping[Treatment, Decision] = {
    Treatment.AGAIN: Decision.RETRY,
    Treatment.ONCE_MORE: Decision.ONCE_MORE,
    Treatment.GIVE_UP: Decision.FAIL,
    Treatment.STOP: Decision.STOP_TRUNK,
    Treatment.MAKE_ROOM: Decision.RETRY,
    Treatment.WAIT: Decision.RETRY,
    Treatment.DOUBT: Decision.RETRY,
}
_ONLY_BEFORE = (Treatment.WAIT, Treatment.DOUBT)  # handing over: later in doubt


def outcome(
    ended: Ended, accepted: Mapping[int, str], is_closing: bool = False
) -> Outcome | None:
    """What became of the message, None when this part of it was taken.

    `accepted` are the parts of the message that were taken before; `is_closing`:
    the port is gone because we closed it.
    """
    if ended.reference is not None:
        return None
    final = ended.final
    if final.kind in (CMS, CME):
        return _of_error(ended, accepted)
    if ended.is_written:
        if final.kind == GONE:
            if is_closing:
                return InDoubt("service_died", "", accepted)
            return InDoubt("modem_gone", "", accepted)
        if final.kind == SILENT:
            return InDoubt("modem_silent", "", accepted)
        words = "OK" if final.kind == OK else final.words
        return InDoubt("modem_unclear", words, accepted)
    if final.kind == GONE:
        if is_closing:
            return down("service_stopped", accepted)
        return down("modem_gone_before", accepted)
    if final.kind == SILENT:
        return down("modem_no_prompt", accepted)
    words = "OK" if final.kind == OK else final.words
    return Rejected("modem_no_prompt", words, Decision.RETRY, accepted)


def _of_error(ended: Ended, accepted: Mapping[int, str]) -> Outcome:
    kind, number, _ = ended.final
    treatment = modem_errors.error_of(kind, number).treatment
    code = modem_errors.result_code(kind, number)
    reason = modem_errors.detail(kind, number)
    if ended.is_written and treatment in _ONLY_BEFORE:
        return InDoubt(code, reason, accepted)
    return Rejected(code, reason, _DECISIONS[treatment], accepted)


def down(code: str, accepted: Mapping[int, str]) -> Outcome:
    """Nothing of this part left; what left before must be remembered."""
    if accepted:
        return Deferred(0.0, code, "", accepted)
    return TrunkDown(code)


def treatment_of(ended: Ended) -> Treatment | None:
    """What the modem's error means, None when it told none."""
    kind, number, _ = ended.final
    if kind not in (CMS, CME):
        return None
    return modem_errors.error_of(kind, number).treatment
