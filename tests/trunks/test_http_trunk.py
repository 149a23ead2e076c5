"""The HTTP trunk with real HTTP: order of events, window, pace, ports, ends."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from massivesms.domain.outcomes import Accepted, Deferred, InDoubt, TrunkDown
from massivesms.domain.own_hosts import OwnHosts, read
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.http.trunk import DOUBTS_IN_A_ROW
from massivesms.trunks.registry import session_for, try_out
from tests.fakes.providers import SECRET, USER, Dinstar, Provider, Twilio
from tests.trunks.conftest import Driver, settings, submission
from tests.trunks.http_world import PRESETS
from tests.trunks.paces import Granting

Drive = Callable[[TrunkSettings], Driver]
PATHS = {"Twilio": "/2010-04-01/Accounts/{user}/Messages.json", "Dinstar": "/api"}


def at(fake: Provider, name: str = "Twilio", **more: str) -> TrunkSettings:
    given = {"url": fake.base + PATHS[name], "user": USER, "secret": SECRET}
    trunk = settings("http", **{**PRESETS[name], **given, **more})
    return replace(trunk, own_hosts=lambda: read("127.0.0.1"))


def test_many_messages_go_several_at_once(drive: Drive) -> None:
    with Twilio() as fake:
        one = drive(at(fake))
        one.open()
        assert one.session.window == 4
        one.send(*(submission(n) for n in range(1, 41)))
        one.until(lambda: len(one.outcomes) == 40)
        assert all(isinstance(o, Accepted) for o in one.outcomes.values())
        assert len(fake.taken) == len(set(one.outcomes.values())) == 40
        assert one.steps == [("connecting", "127.0.0.1"), ("http_ready", "127.0.0.1")]


def test_a_long_message_is_one_request_and_takes_its_segments_of_the_pace() -> None:
    with Twilio() as fake:
        pace = Granting(left=3)
        one = Driver.paced(at(fake), pace)
        one.open()
        one.send(submission(1, "x" * 400), submission(2))
        one.until(lambda: 1 in one.outcomes)
        assert pace.left == 0
        assert one.session.unwritten == 1
        assert len(fake.taken) == 1
        one.close()
        assert one.outcomes[2] == TrunkDown("service_stopped")


def test_ports_take_turns(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(at(fake, "Dinstar", ports="0-2", concurrency="1"))
        one.open()
        one.send(*(submission(n) for n in range(1, 6)))
        one.until(lambda: len(one.outcomes) == 5)
        assert fake.ports == [[0], [1], [2], [0], [1]]


def test_too_fast_is_deferred_and_the_others_go_on(drive: Drive) -> None:
    with Twilio(limit=2, retry_after="7") as fake:
        one = drive(at(fake, concurrency="1"))
        one.open()
        one.send(*(submission(n) for n in range(1, 4)))
        one.until(lambda: len(one.outcomes) == 3)
        assert one.outcomes[3] == Deferred(7, "http_limit", "20429: Too Many Requests")


def test_a_provider_that_goes_away_gives_back_what_was_not_asked() -> None:
    with Twilio() as fake:
        one = Driver(session_for(at(fake, concurrency="1"), Granting(left=100)))
        one.open()
    one.send(*(submission(n) for n in range(1, 4)))
    one.until(lambda: len(one.outcomes) == 3)
    assert {o.code for o in one.outcomes.values() if isinstance(o, TrunkDown)} == {
        "connection_refused"
    }
    with pytest.raises(TrunkUnavailable) as caught:
        one.until(lambda: False)
    assert (caught.value.code, caught.value.needs_person) == (
        "connection_refused",
        False,
    )
    one.close()


def test_what_is_unanswered_at_the_end_is_in_doubt() -> None:
    with Twilio(faults=["hang"]) as fake:
        one = Driver(session_for(at(fake), Granting(left=100)))
        one.open()
        one.send(submission(1))
        one.until(lambda: fake.got)
        began_s = time.monotonic()
        one.close(0.2)
        assert time.monotonic() - began_s < 2
        assert one.outcomes == {1: InDoubt("service_died")}
        assert one.close(0.0) == []


@pytest.mark.parametrize("fault", ["cut", "garbage", "page", "502"])
def test_one_bad_answer_does_not_end_the_trunk(drive: Drive, fault: str) -> None:
    with Twilio(faults=[fault]) as fake:
        one = drive(at(fake, concurrency="1"))
        one.open()
        one.send(submission(1), submission(2))
        one.until(lambda: len(one.outcomes) == 2)
        assert isinstance(one.outcomes[1], InDoubt)
        assert isinstance(one.outcomes[2], Accepted)


def test_a_private_host_waits_for_an_administrator() -> None:
    with Twilio() as fake:
        allowed: list[OwnHosts] = [OwnHosts()]
        trunk = replace(at(fake), own_hosts=lambda: allowed[-1])
        session = session_for(trunk, Granting(9))
        with pytest.raises(TrunkUnavailable) as caught:
            session.open(lambda code, detail: None)
        assert not caught.value.needs_person  # it comes back once it is allowed
        passed, steps = try_out(trunk)
        assert not passed
        assert steps[-1] == ("http_host_forbidden", "127.0.0.1")
        allowed.append(read("127.0.0.1"))
        session.open(lambda code, detail: None)
        session.close(0.0)


def test_a_host_that_is_forbidden_again_is_asked_no_more() -> None:
    with Twilio() as fake:
        allowed = [read("127.0.0.1")]
        trunk = replace(at(fake), own_hosts=lambda: allowed[-1])
        one = Driver(session_for(trunk, Granting(9)))
        one.open()
        allowed.append(OwnHosts())
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: TrunkDown("http_host_forbidden", "127.0.0.1")}
        assert not fake.taken
        one.close()


def test_a_trial_asks_nothing_that_costs() -> None:
    with Twilio() as fake:
        assert try_out(at(fake))[0]
        assert not fake.taken


def test_nobody_listening_is_said() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with Twilio() as fake:
            trunk = at(fake, url=f"http://127.0.0.1:{port}/send")
        assert try_out(trunk)[1][-1][0] == "connection_refused"


def test_settings_that_cannot_be_used_are_said() -> None:
    with Twilio() as fake, pytest.raises(TrunkUnavailable) as caught:
        session_for(at(fake, fields="x"), Granting(1))
    assert caught.value.code == "settings_wrong"
    assert "x is no field" in caught.value.detail


def test_trying_in_vain_again_and_again_leaves_nothing_open() -> None:
    with Twilio() as fake:
        trunk = at(fake)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        assert not try_out(trunk)[0]
    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_a_provider_that_leaves_all_in_doubt_ends_the_session() -> None:
    """What may have been sent is never sent again: a few lost ones must do."""
    with Twilio(faults=["502"] * 300) as fake:
        one = Driver(session_for(at(fake), Granting(left=500)))
        one.open()
        one.send(*(submission(n) for n in range(1, 301)))
        one.until(lambda: len(one.outcomes) == 300)
        doubts = [o for o in one.outcomes.values() if isinstance(o, InDoubt)]
        assert DOUBTS_IN_A_ROW <= len(doubts) == len(fake.got) <= DOUBTS_IN_A_ROW + 3
        down = {o.code for o in one.outcomes.values() if isinstance(o, TrunkDown)}
        assert down == {"no_answers"}
        with pytest.raises(TrunkUnavailable) as caught:
            one.until(lambda: False)
        assert (caught.value.code, caught.value.needs_person) == ("no_answers", False)
        assert caught.value.wait_s > 0
        one.close()


def test_doubts_between_answers_do_not_end_it(drive: Drive) -> None:
    with Twilio(faults=["502", "502", "502", ""] * 5) as fake:
        one = drive(at(fake, concurrency="1"))
        one.open()
        one.send(*(submission(n) for n in range(1, 21)))
        one.until(lambda: len(one.outcomes) == 20)
        assert sum(isinstance(o, Accepted) for o in one.outcomes.values()) == 5
