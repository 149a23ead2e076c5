"""Opt-outs and answers through the engine: what is skipped, and what goes out."""

from __future__ import annotations

from datetime import UTC, datetime

from massivesms.domain import results
from massivesms.domain.answer_rules import AnswerRule
from massivesms.domain.answer_settings import OPT_OUT_TEXT
from massivesms.store import answer_rules, blocked_numbers, late_answers
from tests.engine.incoming import ANA_NUMBER, NOON, OURS, Post
from tests.engine.world import ANA, Engine, World, numbered
from tests.fakes.smsc import Smsc

NIGHT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def at_night(world: World) -> Engine:
    """The dispatcher, for which it is night; its clock can be moved."""
    engine = Engine(world.config)
    engine.clock = lambda: NIGHT
    return engine


def sent(smsc: Smsc) -> list[tuple[str, str]]:
    return sorted((message.number, message.text) for message in smsc.messages())


def test_who_opts_out_gets_the_confirmation_and_nothing_else(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(4), paused=True)
    post = Post(world.db, trunk_id)
    post.write("STOP", "34600000001")
    (told,) = post.answers
    world.wait_for_state(told["id"], "submitted")
    (message,) = smsc.messages()
    assert (message.number, message.text) == ("34600000001", OPT_OUT_TEXT)
    assert message.sender == OURS
    world.pause(campaign_id, False)
    world.wait_for_counts(campaign_id, {"submitted": 3, "skipped": 1})
    single = world.wait_for_state(world.single("+34600000001", "Hola"), "skipped")
    assert results.text(single["result_code"]).startswith("Its owner has opted out")
    skipped = [m for m in world.messages(campaign_id) if m["state"] == "skipped"]
    assert [(m["number"], m["result_code"]) for m in skipped] == [
        ("+34600000001", "opted_out")
    ]
    sql = "SELECT messages FROM campaign_result WHERE campaign_id = %s AND result_code"
    assert world.ask(f"{sql} = 'opted_out'", campaign_id) == 1


def test_what_others_have_blocked_too_is_called_blocked(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(3), paused=True)
    post = Post(world.db, trunk_id)
    post.set(opt_out_text="")
    for sender in ("34600000000", "34600000001"):
        post.write("STOP", sender)
    block = {"campaign_id": campaign_id}
    world.db.atomically(
        lambda tx: blocked_numbers.add(tx, ["+34600000001"], ANA, **block)
    )
    world.db.atomically(lambda tx: blocked_numbers.add(tx, ["+34600000002"], ANA))
    world.pause(campaign_id, False)
    world.wait_for_counts(campaign_id, {"skipped": 3})
    codes = [m["result_code"] for m in world.messages(campaign_id)]
    assert codes == ["opted_out", "blocked", "blocked"]


def test_a_confirmation_goes_by_nobody_else_s_block(world: World, smsc: Smsc) -> None:
    """Blocked by a person before the confirmation was sent: it is not sent any more."""
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    post.write("STOP")
    world.db.atomically(lambda tx: blocked_numbers.add(tx, [ANA_NUMBER], ANA))
    with Engine(world.config):
        row = world.wait_for_state(post.answers[0]["id"], "skipped")
    assert row["result_code"] == "blocked"
    assert smsc.messages() == []


def test_an_answer_is_no_way_around_an_opt_out(world: World, smsc: Smsc) -> None:
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    rule = AnswerRule("INFO", "Abrimos a las 9")
    world.db.atomically(lambda tx: answer_rules.create(tx, rule, ANA))
    post.write("info")
    post.write("STOP")
    with Engine(world.config):
        answer, told = (row["id"] for row in post.answers)
        assert world.wait_for_state(answer, "skipped")["result_code"] == "opted_out"
        world.wait_for_state(told, "submitted")
    assert [text for _, text in sent(smsc)] == [OPT_OUT_TEXT]


def test_answers_leave_outside_the_sending_hours_and_nothing_else_does(
    world: World, smsc: Smsc
) -> None:
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    post.set(sending_hours="09:00-20:00")
    rule = AnswerRule("INFO", "Abrimos a las 9")
    world.db.atomically(lambda tx: answer_rules.create(tx, rule, ANA))
    campaign_id = world.campaign("c", numbered(2))
    waiting = [world.single("+34600000007", "Hola", express=True) for _ in range(3)]
    post.write("info")
    post.write("STOP", "34600000008")
    with at_night(world) as engine:
        for row in post.answers:
            world.wait_for_state(row["id"], "submitted")
        assert len(smsc.messages()) == 2
        assert {world.message(one)["state"] for one in waiting} == {"queued"}
        assert world.counts(campaign_id) == {"queued": 2}
        engine.clock = lambda: NOON
        world.wait_for_counts(campaign_id, {"submitted": 2})
        for one in waiting:
            world.wait_for_state(one, "submitted")


def test_answers_keep_the_sending_hours_where_it_is_set_so(
    world: World, smsc: Smsc
) -> None:
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    post.set(sending_hours="09:00-20:00", answers_at_any_hour="no")
    post.write("STOP")
    (told,) = post.answers
    with at_night(world) as engine:
        world.wait_for_session(trunk_id, "ready")
        assert world.message(told["id"])["state"] == "queued"
        engine.clock = lambda: NOON
        world.wait_for_state(told["id"], "submitted")


def test_an_answer_that_could_not_leave_for_hours_is_dropped_and_no_opt_out_is(
    world: World, smsc: Smsc
) -> None:
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    rule = AnswerRule("INFO", "Abrimos a las 9")
    world.db.atomically(lambda tx: answer_rules.create(tx, rule, ANA))
    post.write("info", "34600000001")
    post.write("STOP", "34600000002")
    hours = "UPDATE message SET created_at = created_at - INTERVAL 5 HOUR"
    world.db.atomically(lambda tx: tx.execute(hours + " WHERE state = 'queued'"))
    post.write("info", "34600000003")
    world.db.atomically(late_answers.skip)
    with Engine(world.config):
        late, told, young = (row["id"] for row in post.answers)
        assert world.message(late)["result_code"] == "answer_late"
        for one in (told, young):
            world.wait_for_state(one, "submitted")
    assert world.counts(1) == {"skipped": 1, "submitted": 2}
    assert len(smsc.messages()) == 2


def test_an_answer_never_leaves_while_all_sending_is_stopped(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    post = Post(world.db, trunk_id)
    post.set(sending="no")
    post.write("STOP")
    (told,) = post.answers
    world.wait_for_session(trunk_id, "ready")
    assert world.message(told["id"])["state"] == "queued"
    post.set(sending="yes")
    world.wait_for_state(told["id"], "submitted")
