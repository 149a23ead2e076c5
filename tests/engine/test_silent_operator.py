"""An operator who answers nothing costs one window of doubt, and then one message."""

from __future__ import annotations

import pytest

from massivesms.engine import backoff
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc

OF_TRUNK = "SELECT error_code FROM trunk_session WHERE trunk_id = %s"


def test_each_try_after_a_silent_session_risks_one_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "MOST_S", 0.1)
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        values = {"window": "5", "answer_timeout_s": "2"}
        trunk_id = world.trunk("one", smsc, values=values)
        campaign_id = world.campaign("c", numbered(100))
        with Engine(world.config):
            wait_until(lambda: world.ask(OF_TRUNK, trunk_id) == "no_answers", 10)
            wait_until(lambda: len(smsc.messages()) > 5, 10)
            assert len(smsc.messages()) <= 7
            smsc.behaviour = Behaviour()
            wait_until(lambda: not world.counts(campaign_id).get("queued"), 30)
        assert world.counts(campaign_id)["in_doubt"] <= 5 + 3
