"""What is answered by itself: within limits, never in a loop, to the right ones."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pymysql
import pytest

from massivesms.domain.answer_rules import AnswerRule, Matching
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import (
    answer_rules,
    answered,
    blocked_numbers,
    messages,
    opt_outs,
)
from massivesms.store.db import Database
from massivesms.store.failures import StoreUnavailable
from tests.engine.incoming import (
    ANA_NUMBER,
    NOON,
    OURS,
    SOMEWHERE,
    Post,
    faulty,
)
from tests.engine.world import ANA, World

CLOSED = {
    "out_of_hours": "yes",
    "out_of_hours_text": "Abrimos mañana a las 9",
    "opening_hours": "09:00-11:00",
}


@pytest.fixture
def post(world: World) -> Post:
    return Post(world.db, world.trunk("one", None, values=SOMEWHERE))


def rule(
    post: Post, words: str = "INFO", text: str = "Abrimos a las 9", **more: object
) -> int:
    wanted = AnswerRule(words, text, **more)  # type: ignore[arg-type]
    return post.db.atomically(lambda tx: answer_rules.create(tx, wanted, ANA))


def test_a_keyword_is_answered_by_the_way_it_came(post: Post) -> None:
    rule(post)
    assert post.write("Info, por favor")["handled"] == "keyword"
    (told,) = post.answers
    assert (told["number"], told["text"]) == (ANA_NUMBER, "Abrimos a las 9")
    assert (told["answer"], told["lane"]) == (messages.ANSWER, messages.LANE_EXPRESS)
    assert (told["route_trunk_id"], told["sender_id"]) == (post.trunk_id, OURS)
    assert told["created_by"] == "(automatic)"
    assert post.write("hola")["handled"] == ""


def test_outside_the_hours_all_else_is_answered(post: Post) -> None:
    rule(post)
    post.set(**CLOSED)
    assert post.write("¿Están?")["handled"] == "out_of_hours"
    assert post.write("info")["handled"] == "keyword"
    assert post.write("info")["handled"] == "", "the same answer a moment ago"
    post.now = NOON - timedelta(hours=2)
    assert post.write("¿Están?", "34600111333")["handled"] == ""


@pytest.mark.parametrize("mark", ["incomplete", "unreadable"])
def test_what_is_not_whole_or_not_readable_is_left_to_a_person(
    post: Post, mark: str
) -> None:
    rule(post)
    post.set(**CLOSED)
    for text in ("Baja […]", "info […]", "¿Están? […]"):
        assert post.write(text, **{mark: True})["handled"] == ""
    assert post.block() is None and post.answers == []


def test_the_same_answer_waits_some_minutes(post: Post) -> None:
    rule(post)
    rule(post, "PRECIO", "10 euros")
    post.write("info")
    post.later(minutes=29)
    assert post.write("info")["handled"] == ""
    assert post.write("precio")["handled"] == "keyword"
    post.later(minutes=2)
    assert post.write("info")["handled"] == "keyword"


def test_a_day_has_so_many_answers_for_each_number(post: Post) -> None:
    for n in range(5):
        rule(post, f"WORD{n}x", f"Answer {n}")
    done = [post.write(f"word{n}x")["handled"] for n in range(5)]
    assert done == ["keyword"] * 3 + [""] * 2
    assert post.write("word4x", "34600111333")["handled"] == "keyword"
    post.later(hours=13)  # the next day in Madrid
    assert post.write("word4x")["handled"] == "keyword"


def test_who_had_all_answers_can_opt_out_and_is_told(post: Post) -> None:
    post.set(answers_per_day="1")
    rule(post)
    post.write("info")
    assert post.write("STOP")["handled"] == "opt_out"
    assert len(post.answers) == 2


@pytest.mark.parametrize("blocked_by", ["a person", "its owner"])
def test_a_blocked_number_gets_no_answer(post: Post, blocked_by: str) -> None:
    rule(post)
    if blocked_by == "a person":
        post.db.atomically(lambda tx: blocked_numbers.add(tx, [ANA_NUMBER], ANA))
    else:
        post.set(opt_out_text="")
        post.write("STOP")
    assert post.write("info")["handled"] == ""
    assert post.answers == []


def test_while_all_sending_is_stopped_nothing_is_answered(post: Post) -> None:
    rule(post)
    post.set(sending="no")
    assert post.write("info")["handled"] == ""
    assert post.answers == []


def test_turned_off_nothing_is_answered(post: Post) -> None:
    rule(post)
    post.set(automatic_answers="no", **CLOSED)
    assert post.write("info")["handled"] == ""


@pytest.mark.parametrize("sender", ["25568", "MiBanco", ""])
def test_short_codes_and_names_get_no_answer(post: Post, sender: str) -> None:
    post.set(**CLOSED)
    assert post.write("Su código es 1234", sender)["handled"] == ""


def test_a_number_with_too_few_digits_gets_no_answer(post: Post) -> None:
    post.set(**CLOSED, answers_least_digits="12")
    assert post.write("hola")["handled"] == ""
    assert post.write("STOP")["handled"] == "opt_out", "the wish is carried out"
    assert post.answers == []


def test_our_own_numbers_and_texts_are_never_answered(post: Post) -> None:
    rule(post, "INFO", "INFO: abrimos", matching=Matching.INSIDE)
    post.set(**CLOSED)
    assert post.write("info", OURS, OURS)["handled"] == ""
    assert post.write("Info: ¡abrimos!")["handled"] == "", "our own answer, echoed"
    assert post.write(CLOSED["out_of_hours_text"])["handled"] == ""


def test_a_thousand_messages_of_a_robot_get_few_answers(post: Post) -> None:
    rule(post, "INFO", "Abrimos a las 9", matching=Matching.INSIDE)
    post.set(**CLOSED, answers_gap_minutes="0")
    handled = [post.write(f"info robot {n}")["handled"] for n in range(1000)]
    assert handled.count("keyword") == len(post.answers) == 3
    post.later(days=1)
    assert post.write("info")["handled"] == "", "it goes on writing like a machine"
    with post.db.transaction() as tx:
        tx.execute("UPDATE inbound_message SET received_at = '2020-01-01'")
    assert post.write("info")["handled"] == "keyword"


def test_a_robot_on_many_sessions_gets_no_more(post: Post) -> None:
    rule(post)
    post.set(answers_gap_minutes="0")
    begin = threading.Barrier(6)

    def write() -> None:
        mine = Post(Database(post.db.settings), post.trunk_id)
        begin.wait()
        for _ in range(4):
            mine.write("info")
        mine.db.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.rows("SELECT id FROM inbound_message")) == 24
    assert len(post.answers) == 3


def test_only_an_active_answer_is_given_and_a_changed_one_as_it_is_now(
    post: Post,
) -> None:
    rule_id = rule(post, active=False)
    assert post.write("info")["handled"] == ""
    old = post.db.atomically(lambda tx: answer_rules.by_id(tx, rule_id))
    assert old is not None
    new = AnswerRule("INFO", "Cerrado", id=rule_id)
    post.db.atomically(lambda tx: answer_rules.change(tx, old, new, ANA))
    post.write("info")
    assert post.texts == ["Cerrado"]
    post.db.atomically(lambda tx: answer_rules.remove(tx, new, ANA))
    assert post.write("info", "34600111333")["handled"] == ""


FAULTS = [
    KeyError("text"),
    ValueError("x"),
    StoreError(Problem("erased", "gone")),
    pymysql.err.DataError(1406, "Data too long"),
]


@pytest.mark.parametrize("error", FAULTS, ids=lambda e: type(e).__name__)
def test_a_fault_in_answering_loses_no_message_and_leaves_nothing_behind(
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    monkeypatch.setattr(messages, "enqueue_single", faulty(error))
    with caplog.at_level(logging.INFO):
        came = post.write("STOP")
    assert (came["text"], came["handled"]) == ("STOP", "")
    assert post.block() is None and post.audited == [], "undone as a whole"
    assert "was not answered" in caplog.text
    assert "blocked.opt_out" not in caplog.text, "nothing is told of what was undone"
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 0}]


def test_a_deadlock_in_answering_is_tried_again_as_a_whole(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave, tries = opt_outs.leave, []

    def once(*arguments: object) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise pymysql.err.OperationalError(1213, "Deadlock found")
        return leave(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(opt_outs, "leave", once)
    assert post.write("STOP")["handled"] == "opt_out"
    assert len(post.rows("SELECT id FROM inbound_message")) == 1
    assert len(post.answers) == 1


def test_with_the_database_away_it_stays_at_the_operator(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = pymysql.err.OperationalError(2013, "Lost connection")
    monkeypatch.setattr(opt_outs, "leave", faulty(gone))
    with pytest.raises(StoreUnavailable):
        post.write("STOP")
    assert post.rows("SELECT id FROM inbound_message") == []


def test_what_no_limit_goes_by_any_more_is_forgotten(post: Post) -> None:
    rule(post)
    post.write("info")
    with post.db.transaction() as tx:
        assert answered.purge(tx, 30) == 2
        assert answered.purge(tx, 30) == 0
