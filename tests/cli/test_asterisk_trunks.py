"""Asterisk trunks from the command line: problems, a trial, no secret shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Run
from tests.fakes.asterisk.pbx import SECRET, USER, VERSION, Behaviour
from tests.fakes.asterisk.server import Asterisk

ADD = ("trunk", "add", "PBX", "--type", "asterisk")
ACCESS = ("--set", f"user={USER}", "--set", f"secret={SECRET}")


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


def test_a_trial_says_version_and_modem_and_sends_nothing(
    run: Run, asterisk: Asterisk
) -> None:
    port = ("--set", f"port={asterisk.port}")
    run(*ADD, *ACCESS, *port, "--set", "devices=dongle0").done()
    said = run("trunk", "test", "PBX").done().out
    assert f"It is Asterisk {VERSION}." in said
    assert "The modem dongle0 (Movistar, -71 dBm) can send." in said
    assert asterisk.sent == []
    assert SECRET not in said + run("trunk", "show", "PBX", "--json").done().out


def test_a_trial_says_why_it_was_not_let_in(run: Run) -> None:
    with Asterisk(Behaviour(secret="another")) as asterisk:
        port = ("--set", f"port={asterisk.port}")
        run(*ADD, *ACCESS, *port, "--set", "devices=dongle0").done()
        run("trunk", "test", "PBX").refused("does not accept the user")


def test_what_is_missing_is_said(run: Run) -> None:
    run(*ADD, *ACCESS).refused("Name at least one device")
    run(*ADD, "--set", "user=ana", "--set", "driver=sip").refused("secret is missing")
    run(*ADD, *ACCESS, "--set", "driver=sip", "--set", "sip_to={number}").refused(
        "pjsip:{number}"
    )
