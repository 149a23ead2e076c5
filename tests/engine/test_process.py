"""The service as a process: killed, asked to end, reloaded, started twice."""

from __future__ import annotations

import signal
from collections.abc import Callable

from tests.conftest import OLDER
from tests.engine.process import Service
from tests.engine.world import World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge

WINDOW = 20


def test_killed_in_mid_campaign_it_loses_and_doubles_nothing(world: World) -> None:
    with Smsc(Behaviour(answer_delay_s=(0.0, 0.05))) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(600))
        kills = 3
        for n in range(1, kills + 1):
            with Service(world.config) as service:
                smsc.wait_for(len(smsc.submissions) + 60 * n, 20)
                service.kill()
        with Service(world.config):
            wait_until(lambda: finished(world, campaign_id), 30)
            counts = world.counts(campaign_id)
            assert counts.get("in_doubt", 0) <= kills * WINDOW
            assert counts["submitted"] + counts.get("in_doubt", 0) == 600
            assert counts == world.real_counts(campaign_id)
            verdict = judge(world.messages(campaign_id), smsc.messages())
            assert verdict == FAULTLESS
            assert world.session(trunk_id)["state"] == "ready"


def test_what_a_killed_service_held_is_in_doubt_with_words(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(50))
        with Service(world.config) as service:
            smsc.wait_for(WINDOW)
            service.kill()
        world.pause(campaign_id, True)
        with Service(world.config):
            world.wait_for_counts(campaign_id, {"in_doubt": WINDOW, "queued": 30})
        held = [r for r in world.messages(campaign_id) if r["state"] == "in_doubt"]
        assert {row["result_code"] for row in held} == {"service_died"}


def test_a_killed_service_is_recovered_though_its_trunk_is_off(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(5))
        with Service(world.config) as service:
            smsc.wait_for(5)
            service.kill()
        world.switch(trunk_id, False)
        with Service(world.config):
            world.wait_for_counts(campaign_id, {"in_doubt": 5})


def test_sigterm_settles_what_is_on_the_wire_and_ends(world: World) -> None:
    with Smsc(Behaviour(answer_delay_s=0.5)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = world.campaign("c", numbered(500))
        with Service(world.config) as service:
            smsc.wait_for(WINDOW + 1)
            service.signal(signal.SIGTERM)
            status, took_s = service.wait()
            assert (status, took_s < 10) == (0, True)
        counts = world.counts(campaign_id)
        assert set(counts) == {"queued", "submitted"}, counts
        assert counts["submitted"] == len(smsc.submissions)
        session = world.session(trunk_id)
        assert (session["state"], session["owner"]) == ("idle", "")
        assert world.ask("SELECT COUNT(*) FROM service_instance") == 0
        assert smsc.wait_until(lambda: smsc.links_open == 0, 5)
        assert smsc.refused == []


def test_sigterm_ends_it_though_the_smsc_never_answers(world: World) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(20))
        with Service(world.config) as service:
            smsc.wait_for(5)
            service.signal(signal.SIGTERM)
            status, took_s = service.wait()
            assert (status, took_s < 10) == (0, True)
        assert world.counts(campaign_id) == {"in_doubt": 5, "queued": 15}


def test_sighup_opens_every_session_anew(world: World, smsc: Smsc) -> None:
    world.trunk("one", smsc)
    with Service(world.config) as service:
        assert smsc.wait_until(lambda: len(smsc.binds) == 1)
        service.signal(signal.SIGHUP)
        assert smsc.wait_until(lambda: len(smsc.binds) == 2, 10)


def test_a_reload_on_tables_of_another_version_ends_it_in_words(
    world: World, smsc: Smsc, versions: Callable[[str], None]
) -> None:
    world.trunk("one", smsc)
    with Service(world.config) as service:
        assert smsc.wait_until(lambda: smsc.binds)
        versions(OLDER)
        service.signal(signal.SIGHUP)
        status, _ = service.wait()
    assert status == 1
    assert service.said().count("massivesms setup --upgrade") == 1
    (events,) = world.config.log_dir.iterdir()
    assert "massivesms setup --upgrade" in events.read_text()


def test_a_second_service_refuses_and_the_first_goes_on(
    world: World, smsc: Smsc
) -> None:
    world.trunk("one", smsc)
    with Service(world.config) as first:
        assert smsc.wait_until(lambda: smsc.binds)
        with Service(world.config) as second:
            status, _ = second.wait()
        assert status == 1
        already = f"The service is running already (process {first.process.pid})."
        assert already in second.said()
        campaign_id = world.campaign("c", numbered(5))
        world.wait_for_counts(campaign_id, {"submitted": 5})
        assert len(smsc.binds) == 1


def finished(world: World, campaign_id: int) -> bool:
    counts = world.counts(campaign_id)
    return not counts.get("queued") and not counts.get("submitting")
