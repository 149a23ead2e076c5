"""Answers and receipts that are missing, doubled, mixed up, late or refused."""

from __future__ import annotations

import time

from tests.engine.world import wait_until
from tests.fakes.smsc import Behaviour, Receipts
from tests.faults.run import Run, Scenario

RUN_S = 300.0
TIMEOUT_S = 2
LATE_S = 1.0  # after the time-out
LEAST_SHARE = 0.8  # of what a throttling operator takes
STEADY_AFTER_S = 10.0


def answers(run: Run) -> None:
    """What was never answered is in doubt; everything else is settled, once."""
    smsc = run.operator(
        drop_answer_share=0.01,
        double_answer_share=0.05,
        late_answer_share=0.01,
        late_answer_s=TIMEOUT_S + LATE_S,
        shuffle_answers=run.choose("shuffled by", [0, 3, 7, 13]),
        answer_delay_s=[0.0, 0.05],
    )
    run.trunk(smsc, values={"window": "100", "answer_timeout_s": str(TIMEOUT_S)})
    run.load(plain=True)  # one segment each: a message in doubt is one submission
    run.service()
    wait_until(lambda: note_doubts(run) and run.left() == 0, RUN_S, run.states)
    over_s = smsc.submissions()[-1].at_s + TIMEOUT_S + LATE_S + 0.5
    wait_until(lambda: time.monotonic() > over_s, RUN_S)
    silent = {s.number for s in smsc.submissions() if s.status is None}
    run.note("never answered", len(silent))
    wait_until(lambda: in_doubt(run) == len(silent), 15, run.states)
    doubtful = {r["number"][1:] for r in run.rows() if r["state"] == "in_doubt"}
    assert doubtful == silent, f"in doubt for no reason: {doubtful ^ silent}"


def note_doubts(run: Run) -> bool:
    """What is in doubt now and is not at the end was recovered."""
    sql = "SELECT id FROM message WHERE state = 'in_doubt'"
    found = run.world.db.atomically(lambda tx: tx.tuples(sql))
    run.interrupted |= {message_id for (message_id,) in found}
    return True


def in_doubt(run: Run) -> int:
    """By the kept counts."""
    return sum(run.world.counts(one).get("in_doubt", 0) for one in run.campaigns)


def receipts(run: Run) -> None:
    """Every receipt is matched; one that nobody knows is kept as an orphan."""
    forms = {
        "raw": ("hex", "same"),
        "hex_to_decimal": ("hex", "decimal"),
        "decimal_to_hex": ("decimal", "hex"),
        "auto": run.choose("found", [("hex", "decimal"), ("decimal", "hex")]),
    }
    form = run.choose("ids", list(forms))
    answer_form, receipt_form = forms[form]
    style = Receipts(
        before_answer=run.choose("before the answer", [True, False]),
        delay_s=run.choose("delay", [0.0, 0.05]),
        copies=run.choose("copies", [1, 2, 3]),
        id_form=receipt_form,  # type: ignore[arg-type]
        tlvs=run.choose("TLVs", [True, False]),
        in_payload=run.choose("in payload", [True, False]),
        states={"[05]$": "UNDELIV", "3$": "EXPIRED"},
    )
    behaviour = Behaviour(
        receipts=style,
        message_id_form=answer_form,  # type: ignore[arg-type]
        answer_delay_s=(0.0, 0.02),
        seed=run.seed,
    )
    smsc = run.smsc(behaviour)
    run.trunk(smsc, values={"receipts": "yes", "receipt_ids": form, "window": "50"})
    run.load()
    run.service()
    strange = run.draw("unknown", 1, 20)
    smsc.wait_for(run.size // 2, 60)
    for n in range(strange):
        digits = f"{2**40 + n:X}" if receipt_form == "hex" else str(2**40 + n)
        smsc.send_receipt(digits, sender="x", number="34600000000", style=style)
    run.finish(RUN_S)
    wait_until(lambda: final(run) == run.size, 60, run.states)
    wait_until(lambda: orphans(run) == strange, 15, lambda: (orphans(run), strange))
    right = {"0": "undelivered", "5": "undelivered", "3": "expired"}
    wrong = [
        row["number"]
        for row in run.rows()
        if row["state"] != right.get(row["number"][-1], "delivered")
    ]
    assert not wrong, f"receipts booked wrongly: {wrong[:5]}"


def final(run: Run) -> int:
    """Messages with a final receipt."""
    states = ("delivered", "undelivered", "expired")
    counts = [run.world.counts(one) for one in run.campaigns]
    return sum(c.get(state, 0) for c in counts for state in states)


def orphans(run: Run) -> int:
    """Ids of receipts that are kept without a message."""
    return int(run.world.ask("SELECT COUNT(DISTINCT smsc_message_id) FROM receipt"))


def throttled(run: Run) -> None:
    """The operator takes R a second and answers 0x58 to the rest; we offer 2 R."""
    taken_per_s = run.note("R", 200 if run.full else 20)
    smsc = run.operator(throttle_above_per_s=taken_per_s)
    run.trunk(smsc, rate_per_s=float(2 * taken_per_s), values={"window": "50"})
    run.load(plain=True)
    run.service()
    run.finish(60 + run.size / taken_per_s * 4)
    came = smsc.submissions()
    refused = run.note("refused", sum(not s.accepted for s in came))
    steady_s = came[0].at_s + STEADY_AFTER_S
    taken = [s.at_s for s in came if s.accepted and s.at_s > steady_s]
    rate = (len(taken) - 1) / (taken[-1] - taken[0])
    run.note("accepted a second", round(rate, 2))
    failed = sum(row["state"] in ("failed", "rejected") for row in run.rows())
    assert failed == 0, f"{failed} failed"
    assert refused > 0, "nothing was throttled"
    least = LEAST_SHARE * taken_per_s
    assert rate >= least, f"{rate:.1f} a second of {taken_per_s}, at least {least}"


ROWS = [
    Scenario(
        "answers",
        "answers dropped 1 %, doubled, re-ordered, after the time-out",
        answers,
        runs=10,
        messages=10_000,
        reduced=1000,
        may_doubt=None,  # exactly the unanswered ones, as the row itself checks
    ),
    Scenario(
        "receipts",
        "receipts before answers, doubled, unknown, hex/decimal",
        receipts,
        runs=20,
        messages=5000,
        reduced=300,
        may_doubt=0,
    ),
    Scenario(
        "throttled",
        "half of all answers THROTTLED",
        throttled,
        runs=1,
        messages=50_000,
        reduced=450,
        may_doubt=0,
    ),
]
