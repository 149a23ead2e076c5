"""Who asks to be left out is left out, told so once, and may come back."""

from __future__ import annotations

import json
import threading

import pytest

from massivesms.domain.answer_settings import OPT_IN_TEXT, OPT_OUT_TEXT
from massivesms.store import blocked_numbers, erased, opt_outs, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms.vault import NumberHash
from tests.engine.incoming import ANA_NUMBER, OURS, SOMEWHERE, Post
from tests.engine.world import ANA, World


@pytest.fixture
def post(world: World) -> Post:
    return Post(world.db, world.trunk("one", None, values=SOMEWHERE))


def test_an_opt_out_blocks_the_number_and_is_confirmed_by_the_way_it_came(
    post: Post,
) -> None:
    came = post.write("Stop. Thank you")
    assert came["handled"] == "opt_out"
    block = post.block()
    assert block is not None
    assert (block["source"], block["reason"]) == ("opt_out", "STOP")
    assert block["inbound_id"] == came["id"]
    (told,) = post.answers
    assert (told["number"], told["text"]) == (ANA_NUMBER, OPT_OUT_TEXT)
    assert told["route_trunk_id"] == post.trunk_id and told["pinned"]
    assert told["sender_id"] == OURS
    assert (told["campaign_id"], told["created_by"]) == (1, "(automatic)")
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 1}]


def test_it_is_audited_as_the_number_s_own_wish_and_masked(post: Post) -> None:
    came = post.write("BAJA")
    post.write("ALTA")
    left, back = post.audited
    assert (left["action"], back["action"]) == ("blocked.opt_out", "blocked.opt_in")
    assert left["user_name"] == "(incoming)" and left["subject"] == "+3460•••222"
    assert json.loads(left["details"]) == {"keyword": "BAJA", "inbound_id": came["id"]}
    assert ANA_NUMBER not in str(post.audited)


def test_a_second_one_is_not_confirmed_again_before_some_days(post: Post) -> None:
    for text in ("STOP", "stop!", "Baja"):
        assert post.write(text)["handled"] == "opt_out"
    assert len(post.answers) == 1
    post.later(days=29)
    post.write("STOP")
    assert len(post.answers) == 1
    post.later(days=2)
    post.write("STOP")
    assert len(post.answers) == 2
    assert len(post.audited) == 1, "nothing changed since the first"


def test_coming_back_takes_the_opt_out_away_and_is_confirmed(post: Post) -> None:
    post.write("STOP")
    assert post.write("Alta, por favor")["handled"] == "opt_in"
    assert post.block() is None
    assert post.texts == [OPT_OUT_TEXT, OPT_IN_TEXT]
    assert [row["answer"] for row in post.answers] == [2, 1]
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 0}]
    post.write("STOP")
    assert post.texts[2:] == [OPT_OUT_TEXT], "a new wish is confirmed"


def test_who_never_left_is_not_answered_when_coming_back(post: Post) -> None:
    assert post.write("ALTA")["handled"] == ""
    assert post.answers == [] and post.audited == []


@pytest.mark.parametrize("source", ["manual", "dont_call"])
def test_a_block_of_others_stays_when_its_owner_comes_back(
    post: Post, source: str
) -> None:
    post.db.atomically(
        lambda tx: blocked_numbers.add(tx, [ANA_NUMBER], ANA, source=source)
    )
    assert post.write("STOP")["handled"] == "opt_out"
    assert post.answers == [], "nothing is sent to a number that others have blocked"
    assert post.write("ALTA")["handled"] == "opt_in"
    block = post.block()
    assert block is not None and block["source"] == source
    assert block["opted_out_at"] is None
    assert post.answers == []
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 1}]


def test_who_is_blocked_by_others_after_opting_out_does_not_come_back_by_itself(
    post: Post,
) -> None:
    post.write("STOP")
    added = post.db.atomically(lambda tx: blocked_numbers.add(tx, [ANA_NUMBER], ANA))
    assert added == [], "it was blocked before"
    post.write("ALTA")
    block = post.block()
    assert block is not None and block["created_by"] == "ana"
    assert len(post.answers) == 1


def test_a_wish_outlasts_the_block_of_others(post: Post) -> None:
    """A person takes their own block away first, and then the owner's if they must."""
    post.db.atomically(lambda tx: blocked_numbers.add(tx, [ANA_NUMBER], ANA))
    post.write("STOP")
    remove = blocked_numbers.remove
    assert post.db.atomically(lambda tx: remove(tx, ANA_NUMBER, ANA))
    block = post.block()
    assert block is not None
    assert (block["source"], block["created_by"]) == ("opt_out", "(incoming)")
    assert post.db.atomically(lambda tx: remove(tx, ANA_NUMBER, ANA))
    assert post.block() is None
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 0}]


def test_an_empty_confirmation_is_none(post: Post) -> None:
    post.set(opt_out_text="", opt_in_text="")
    post.write("STOP")
    post.write("ALTA")
    assert post.answers == []
    assert post.block() is None and len(post.audited) == 2


def test_turned_off_opt_outs_are_ordinary_messages(post: Post) -> None:
    post.set(opt_outs="no")
    assert post.write("STOP")["handled"] == ""
    assert post.block() is None


def test_with_answers_turned_off_the_wish_is_carried_out_in_silence(
    post: Post,
) -> None:
    post.set(automatic_answers="no")
    assert post.write("STOP")["handled"] == "opt_out"
    assert post.block() and post.answers == []


def test_while_all_sending_is_stopped_the_confirmation_waits(post: Post) -> None:
    post.set(sending="no")
    post.write("STOP")
    assert [row["state"] for row in post.answers] == ["queued"]


@pytest.mark.parametrize("sender", ["25568", "Banco", "", "12345678901234567890"])
def test_what_is_no_number_is_stored_and_left_alone(post: Post, sender: str) -> None:
    came = post.write("STOP", sender)
    assert (came["text"], came["handled"]) == ("STOP", "")
    assert post.answers == [] and post.audited == []


def test_our_own_number_never_opts_out(post: Post) -> None:
    assert post.write("STOP", OURS, OURS)["handled"] == ""
    assert post.write("STOP", OURS, "")["handled"] == "opt_out"


def test_a_sender_of_a_trunk_is_our_own_too(world: World, post: Post) -> None:
    world.trunk("two", None, values=SOMEWHERE, sender_id="600999777")
    assert post.write("STOP", "34600999777")["handled"] == ""
    assert post.block("+34600999777") is None


def test_an_erased_number_leaves_no_trace(post: Post, world: World) -> None:
    db = Database(post.db.settings, hash_of=NumberHash(world.config.secret_key))
    db.atomically(lambda tx: erased.add(tx, ANA_NUMBER, Actor("ana")))
    post.db.close()
    post.db = db
    assert post.write("STOP")["handled"] == ""
    assert post.block() is None and post.answers == []
    db.close()


def test_by_a_trunk_that_is_turned_off_another_one_confirms(
    post: Post, world: World
) -> None:
    world.switch(post.trunk_id, False)
    post.write("STOP")
    (told,) = post.answers
    assert (told["route_trunk_id"], told["pinned"], told["sender_id"]) == (0, 0, None)
    post.trunk_id = 4711  # nobody knows it any more
    post.write("STOP", "34600111333")
    assert post.answers[1]["route_trunk_id"] == 0


@pytest.mark.parametrize(
    ("recipient", "sender_id"),
    [("25568", "25568"), ("-x", None), ("", None), ("Tienda", "Tienda")],
)
def test_the_confirmation_comes_from_the_number_that_was_written_to(
    post: Post, recipient: str, sender_id: str | None
) -> None:
    post.write("STOP", recipient=recipient)
    assert [row["sender_id"] for row in post.answers] == [sender_id]


@pytest.mark.parametrize(
    ("sender", "is_local"), [("600111222", 1), ("34600111222", 0), ("+34600111222", 0)]
)
def test_the_number_is_written_as_its_operator_writes_it(
    post: Post, sender: str, is_local: int
) -> None:
    post.write("STOP", sender)
    assert [(r["number"], r["is_local"]) for r in post.answers] == [
        (ANA_NUMBER, is_local)
    ]


def test_two_at_the_same_moment_make_one_block_and_one_confirmation(
    post: Post,
) -> None:
    texts = ["STOP", "BAJA", "stop", "Baja por favor", "CANCELAR", "stop!"]
    begin = threading.Barrier(len(texts))

    def write(text: str) -> None:
        mine = Post(Database(post.db.settings), post.trunk_id)
        begin.wait()
        for _ in range(5):
            mine.write(text)
        mine.db.close()

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.rows("SELECT id FROM inbound_message")) == 30
    assert post.rows("SELECT numbers FROM blocked_total") == [{"numbers": 1}]
    assert len(post.answers) == 1 and len(post.audited) == 1


def test_a_robot_that_comes_and_goes_is_confirmed_a_few_times_only(
    post: Post,
) -> None:
    for _ in range(20):
        post.write("STOP")
        post.write("ALTA")
    assert len(post.answers) == 3
    assert post.block() is None
    post.later(days=1)
    post.write("STOP")
    assert len(post.answers) == 4


def test_the_last_opt_outs_are_listed_with_what_was_written(post: Post) -> None:
    post.write("STOP", "34600111333")
    post.later(minutes=1)
    post.write("Baja por favor")
    first, second = post.db.atomically(opt_outs.last)
    assert (first["number"], first["inbound_text"]) == (ANA_NUMBER, "Baja por favor")
    assert (second["number"], second["trunk"]) == ("+34600111333", "one")
    assert post.db.atomically(lambda tx: trunks.by_id(tx, post.trunk_id))
