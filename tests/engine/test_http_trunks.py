"""Messages through an HTTP provider: sent once, waited for, refused, in doubt."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import parse_qsl

import pytest

from massivesms_web import create_app
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.providers import SECRET, USER, Provider, Twilio
from tests.trunks.http_world import PRESETS


@pytest.fixture(autouse=True)
def loopback(world: World) -> None:
    world.set(webhook_hosts="127.0.0.1")


def trunk(world: World, fake: Provider, **more: str) -> int:
    url = fake.base + "/2010-04-01/Accounts/{user}/Messages.json"
    given = {"url": url, "user": USER, "secret": SECRET, **more}
    values = {**PRESETS["Twilio"], **given}
    return world.trunk("web", values=values, sender_id="Shop")


def test_a_campaign_is_sent_once_with_the_providers_ids(world: World) -> None:
    with Twilio() as fake:
        trunk(world, fake)
        campaign_id = world.campaign("c", numbered(40))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 40})
        assert len(fake.taken) == len(set(fake.taken)) == 40
        ids = {
            world.ask("SELECT smsc_message_id FROM message WHERE id = %s", row["id"])
            for row in world.messages(campaign_id)
        }
        assert ids == {f"SM{n:032x}" for n in range(1, 41)}


def test_too_fast_waits_and_loses_nothing(world: World) -> None:
    with Twilio(limit=5, retry_after="1") as fake:
        trunk(world, fake)
        campaign_id = world.campaign("c", numbered(10))
        with Engine(world.config):
            wait_until(lambda: len(fake.taken) == 5, 15)
            wait_until(lambda: len(fake.got) > 5, 15)
            fake.limit = None
            world.wait_for_counts(campaign_id, {"submitted": 10}, 30)
        assert len(set(fake.taken)) == len(fake.taken) == 10


def test_what_may_have_left_is_never_sent_again(world: World) -> None:
    faults = ["cut", "garbage", "page", "502"]
    with Twilio(faults=faults) as fake:
        trunk(world, fake, concurrency="1")
        campaign_id = world.campaign("c", numbered(8))
        with Engine(world.config):
            wanted = {"in_doubt": 4, "submitted": 4}
            world.wait_for_counts(campaign_id, wanted)
        assert len(fake.got) == 8 or len([g for g in fake.got if g.body]) == 8


def test_a_provider_that_fails_all_the_time_is_tried_with_one_message(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("massivesms.engine.backoff.MOST_S", 0.1)
    monkeypatch.setattr("massivesms.trunks.http.trunk.RETRY_S", 0.1)
    monkeypatch.setattr("massivesms.engine.ledger.NO_ANSWERS_WAIT_S", 0.1)
    with Twilio(faults=["502"] * 12) as fake:
        trunk(world, fake)
        campaign_id = world.campaign("c", numbered(40))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"in_doubt": 12, "submitted": 28}, 40)
        assert len(fake.got) == 40
    ended = sum("answers none of them" in line for line in caplog.messages)
    in_first = 12 - (ended - 1)  # of the sessions after it each lost one
    assert 5 <= in_first <= 5 + 3


def test_a_wrong_secret_stops_the_trunk_and_keeps_the_messages(world: World) -> None:
    with Twilio() as fake:
        trunk_id = trunk(world, fake, secret="wrong", concurrency="1")
        campaign_id = world.campaign("c", numbered(3))
        with Engine(world.config):
            found = world.wait_for_session(trunk_id, "stopped")
            world.wait_for_counts(campaign_id, {"queued": 3})
        assert found["reason_code"] == "http_signin"
        assert not fake.taken


def test_a_host_that_is_not_allowed_is_never_asked(world: World) -> None:
    world.set(webhook_hosts="")
    with Twilio() as fake:
        trunk_id = trunk(world, fake)
        campaign_id = world.campaign("c", numbered(1))
        with Engine(world.config):
            wait_until(
                lambda: "http_host_forbidden" in world.session(trunk_id).values(), 15
            )
        assert world.counts(campaign_id) == {"queued": 1}
        assert not fake.got


def signed(url: str, given: dict[str, str]) -> dict[str, str]:
    text = url + "".join(name + given[name] for name in sorted(given))
    digest = hmac.digest(SECRET.encode(), text.encode(), "sha1")
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


@pytest.mark.parametrize("segments", [1, 3])
def test_what_the_provider_tells_reaches_its_message(
    world: World, segments: int
) -> None:
    """A message of several segments is one for the provider: one id, one state."""
    url = "https://pbx.example/sms/provider/1"
    with Twilio() as fake:
        trunk_id = trunk(world, fake, receipts="twilio", receipts_url=url)
        text = "x" * (10 if segments == 1 else 400)
        campaign_id = world.campaign("c", numbered(2, text + " {n}"))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 2})
        asked = dict(parse_qsl(fake.got[-1].body.decode()))
    assert asked["StatusCallback"] == url
    client = create_app(world.config).test_client()
    for n, state in ((1, "sent"), (1, "delivered"), (2, "failed"), (1, "delivered")):
        given = {"MessageSid": f"SM{n:032x}", "MessageStatus": state}
        answer = client.post(
            f"/provider/{trunk_id}", data=given, headers=signed(url, given)
        )
        assert answer.status_code == 204
    assert world.counts(campaign_id) == {"delivered": 1, "undelivered": 1}
    assert world.real_counts(campaign_id) == world.counts(campaign_id)
