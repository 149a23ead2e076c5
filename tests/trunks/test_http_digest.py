"""Digest by several requests at once: each answers the challenge that it was given."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

from massivesms.domain.outcomes import Accepted, Deferred
from massivesms.trunks.base import TrunkSettings
from tests.fakes.providers import Dinstar, status
from tests.fakes.target import Answer, Got
from tests.trunks.conftest import Driver, submission
from tests.trunks.test_http_trunk import at

Drive = Callable[[TrunkSettings], Driver]


class Fresh(Dinstar):
    """A new nonce with every no, believed once; the first four are said at once.

    `forgets`: only the last one that it gave is believed.
    """

    forgets = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._together = threading.Barrier(4)
        self._given: list[str] = []

    def answer_to(self, got: Got) -> Answer:
        if "authorization" in got.headers or self.challenged >= 4:
            return super().answer_to(got)
        no = self._no("")

        def together(line: socket.socket, ending: threading.Event) -> None:
            self._together.wait(10)
            line.sendall(no)

        return together

    def reply(self, got: Got) -> bytes:
        said = re.search(r'nonce="(\w+)"', got.headers.get("authorization", ""))
        nonce = said[1] if said else ""
        known = self._given[-1:] if self.forgets else self._given
        if nonce not in known:
            return self._no(", stale=true")
        self.nonce = nonce
        answer = super().reply(got)
        if answer.startswith(b"HTTP/1.1 200"):
            self._given.remove(nonce)
        return answer

    def _no(self, more: str) -> bytes:
        self.challenged += 1
        self._given.append(f"nonce{self.challenged}")
        asks = f'Digest realm="gw", qop="auth", nonce="{self._given[-1]}"{more}'
        return status("401 Unauthorized", f"WWW-Authenticate: {asks}")


def test_each_request_answers_its_own_challenge(drive: Drive) -> None:
    with Fresh() as fake:
        one = drive(at(fake, "Dinstar", receipts="none", concurrency="4"))
        one.open()
        one.send(*(submission(n) for n in range(1, 5)))
        one.until(lambda: len(one.outcomes) == 4)
        assert all(isinstance(o, Accepted) for o in one.outcomes.values())
        assert (len(fake.taken), len(fake.got)) == (4, 8)


def test_a_challenge_that_is_stale_is_no_wrong_password(drive: Drive) -> None:
    with Fresh() as fake:
        fake.forgets = True
        one = drive(at(fake, "Dinstar", receipts="none", concurrency="4"))
        one.open()
        one.send(*(submission(n) for n in range(1, 13)))
        one.until(lambda: len(one.outcomes) == 12)
        assert {type(o) for o in one.outcomes.values()} <= {Accepted, Deferred}
        taken = sum(isinstance(o, Accepted) for o in one.outcomes.values())
        assert len(fake.taken) == taken
        one.send(submission(13))  # alone, so that its challenge is the last one
        one.until(lambda: 13 in one.outcomes)
        assert isinstance(one.outcomes[13], Accepted)


def test_who_finds_it_stale_again_and_again_comes_later(drive: Drive) -> None:
    class Never(Dinstar):
        def reply(self, got: Got) -> bytes:
            asks = 'Digest realm="gw", qop="auth", nonce="x", stale=TRUE'
            return status("401 Unauthorized", f"WWW-Authenticate: {asks}")

    with Never() as fake:
        one = drive(at(fake, "Dinstar", receipts="none"))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: Deferred(1, "http_busy", "401")}
        assert len(fake.got) == 3
