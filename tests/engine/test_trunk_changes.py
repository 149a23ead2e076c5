"""People change, stop, remove and try trunks while the engine runs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from massivesms.engine.identity import Identity
from massivesms.store import trunk_tests
from massivesms.store.db import Row
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge


def test_a_changed_trunk_opens_its_session_anew_and_loses_nothing(
    world: World, other_smsc: Smsc, engine: Engine
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.02)) as smsc:
        values = {"window": "5"}
        trunk_id = world.trunk("one", smsc, values=values)
        campaign_id = world.campaign("c", numbered(200))
        smsc.wait_for(30)
        world.change_trunk(trunk_id, "one", other_smsc, sender_id="New", values=values)
        world.wait_for_counts(campaign_id, {"submitted": 200})
        came = smsc.messages() + other_smsc.messages()
        assert judge(world.messages(campaign_id), came) == FAULTLESS
        assert {one.sender for one in other_smsc.messages()} == {"New"}


def test_a_trunk_turned_off_in_mid_run_drains_and_unbinds(
    world: World, engine: Engine
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.1)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(50))
        smsc.wait_for(7)
        world.switch(trunk_id, False)
        session = world.wait_for_session(trunk_id, "idle")
        assert session["owner"] == ""
        counts = world.counts(campaign_id)
        assert set(counts) == {"queued", "submitted"}, counts
        assert counts["submitted"] == len(smsc.submissions)
        assert smsc.wait_until(lambda: smsc.links_open == 0, 5)
        world.switch(trunk_id, True)
        world.wait_for_counts(campaign_id, {"submitted": 50})


def test_a_trunk_removed_in_mid_run_leaves_its_work_to_the_others(
    world: World, other_smsc: Smsc, engine: Engine
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.1)) as smsc:
        first = world.trunk("first", smsc, values={"window": "5"})
        world.trunk("second", other_smsc, priority=2)
        campaign_id = world.campaign("c", numbered(100))
        smsc.wait_for(7)
        world.remove_trunk(first)
        world.wait_for_counts(campaign_id, {"submitted": 100})
        came = smsc.messages() + other_smsc.messages()
        assert judge(world.messages(campaign_id), came) == FAULTLESS


def test_a_trunk_that_ends_wakes_nobody_elses_connection(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    """Its pipe is closed: the same numbers may belong to other trunks by then."""
    with Smsc(Behaviour(password="right")) as refusing:
        for n in range(4):
            world.trunk(f"refused {n}", refusing, values={"password": "wrong"})
        ids = [world.trunk(f"good {n}", smsc) for n in range(4)]
        for trunk_id in ids:
            world.wait_for_session(trunk_id, "ready")
        campaign_id = world.campaign("c", numbered(200))
        world.wait_for_counts(campaign_id, {"submitted": 200})
        assert smsc.refused == []
        assert len(smsc.binds) == 4
        assert refusing.refused == []


def test_the_engine_leaves_no_file_open(world: World, smsc: Smsc) -> None:
    trunk_id = world.trunk("one", smsc)
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
    before = open_files()
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        for n in range(1, 4):
            world.switch(trunk_id, True)  # a new revision: bind again
            assert smsc.wait_until(lambda n=n: len(smsc.binds) >= 2 + n)
    assert smsc.wait_until(lambda: smsc.links_open == 0, 5)
    assert open_files() == before


def test_a_trunk_of_another_service_is_left_alone_until_that_dies(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    other = Identity("other", 7, "other/7/x")
    with Engine(world.config, other):
        campaign_id = world.campaign("c", numbered(20))
        world.wait_for_counts(campaign_id, {"submitted": 20})
        assert len(smsc.binds) == 1
        assert world.session(trunk_id)["owner"] != other.owner
        engine.stop()
        more = world.campaign("d", numbered(20, first=100))
        world.wait_for_counts(more, {"submitted": 20})
        assert len(smsc.binds) == 2


def test_a_lost_lease_ends_the_session_and_the_answers_still_settle(
    world: World, engine: Engine
) -> None:
    """A stalled service wakes after another took its trunk: nothing goes twice."""
    with Smsc(Behaviour(answer_delay_s=0.5)) as smsc:
        trunk_id = world.trunk("one", smsc, values={"window": "5"})
        campaign_id = world.campaign("c", numbered(12))
        smsc.wait_for(5)
        sql = "UPDATE trunk_session SET token = token + 1 WHERE trunk_id = %s"
        world.db.atomically(lambda tx: tx.execute(sql, (trunk_id,)))
        world.wait_for_counts(campaign_id, {"submitted": 12})
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS
        assert len(smsc.binds) == 2


def test_a_trunk_whose_settings_cannot_be_read_is_stopped_with_words(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    broken = world.trunk("broken", smsc)
    sql = "UPDATE trunk SET settings = '{}', revision = revision + 1 WHERE id = %s"
    world.db.atomically(lambda tx: tx.execute(sql, (broken,)))
    foreign = world.trunk("foreign", smsc)
    sql = "UPDATE trunk SET secrets = 'x', revision = revision + 1 WHERE id = %s"
    world.db.atomically(lambda tx: tx.execute(sql, (foreign,)))
    world.trunk("good", other_smsc, priority=2)
    campaign_id = world.campaign("c", numbered(5))
    for trunk_id in (broken, foreign):
        wait_until(lambda i=trunk_id: world.trunk_row(i)["stopped_code"], 10)
        assert world.trunk_row(trunk_id)["stopped_code"] == "settings_wrong"
    world.wait_for_counts(campaign_id, {"submitted": 5})


def test_a_test_of_a_trunk_binds_and_says_so(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc, active=False)
    done = tried(world, trunk_id)
    assert done["passed"] == 1
    server = f"{smsc.host}:{smsc.port}"
    steps = [(code, detail) for code, detail in done["steps"]]
    assert steps[:2] == [("connecting", server), ("connected", server)]
    assert steps[2][0] == "bound"


def test_a_test_that_fails_says_what_came_back(world: World, engine: Engine) -> None:
    with Smsc(Behaviour(refuse_bind=0x0D)) as smsc:
        done = tried(world, world.trunk("one", smsc, active=False))
    assert done["passed"] == 0
    assert done["steps"][-1] == ["bind_password", "RBINDFAIL 0x0000000D"]
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        values = {"host": "127.0.0.1", "port": port, "system_id": "x"}
        done = tried(world, world.trunk("two", values=values, active=False))
    assert done["steps"][-1] == ["connection_refused", f"127.0.0.1:{port}"]


def test_a_test_of_broken_settings_comes_to_an_end(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc, active=False)
    sql = "UPDATE trunk SET settings = '{}' WHERE id = %s"
    world.db.atomically(lambda tx: tx.execute(sql, (trunk_id,)))
    done = tried(world, trunk_id)
    assert (done["passed"], done["steps"][-1][0]) == (0, "settings_wrong")


def test_a_script_trunk_sends_a_campaign(world: World, engine: Engine) -> None:
    script = world.config.scripts_dir / "send"
    script.write_text('#!/bin/sh\necho "$2 $3" >> "$0.log"\necho "0;ok;0;0"\n')
    script.chmod(0o755)
    values = {"script": "send", "concurrency": "3"}
    world.trunk("script", values=values)
    campaign_id = world.campaign("c", numbered(12))
    world.wait_for_counts(campaign_id, {"submitted": 12})
    log = Path(f"{script}.log").read_text().splitlines()
    assert sorted(log) == sorted(f"3460{n:07} Mensaje {n}" for n in range(12))


def test_a_script_that_vanishes_leaves_the_work_to_the_next_trunk(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    script = world.config.scripts_dir / "send"
    script.write_text("#!/bin/sh\necho 0\n")
    script.chmod(0o755)
    trunk_id = world.trunk("script", values={"script": "send"})
    world.trunk("smpp", smsc, priority=2)
    world.wait_for_session(trunk_id, "ready")
    script.unlink()
    campaign_id = world.campaign("c", numbered(10))
    world.wait_for_counts(campaign_id, {"submitted": 10})
    assert len(smsc.submissions) == 10
    assert world.session(trunk_id)["error_code"] == "script_missing"


def tried(world: World, trunk_id: int) -> Row:
    """The result of a test that a person asks for."""
    test_id = world.db.atomically(lambda tx: trunk_tests.request(tx, trunk_id, "ana"))

    def result() -> Row:
        found = world.db.atomically(lambda tx: trunk_tests.by_id(tx, test_id))
        assert found is not None
        return found

    wait_until(lambda: result()["state"] == "done", 10, result)
    return result()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
