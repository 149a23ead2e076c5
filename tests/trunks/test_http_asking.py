"""What an HTTP trunk asks for beside sending: receipts and what people wrote."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

from massivesms.domain.outcomes import Accepted, InDoubt
from massivesms.trunks.base import InboundCame, TrunkSettings, UnreadableCame
from tests.fakes.providers import SECRET, USER, Dinstar, Provider, Twilio, told
from tests.fakes.target import Answer, Got, status
from tests.trunks.conftest import Driver, submission
from tests.trunks.test_http_trunk import at

Drive = Callable[[TrunkSettings], Driver]


def gateway(fake: Provider, **more: str) -> TrunkSettings:
    return at(fake, "Dinstar", **{"ask_every_s": "1", "concurrency": "1", **more})


def said(one: Driver) -> list[tuple[str, str, str]]:
    return [(r.smsc_message_id, r.state, r.number) for r in one.receipts]


def unreadable(one: Driver) -> list[tuple[str, str]]:
    return [
        (e.kind, e.octets.decode()) for e in one.events if isinstance(e, UnreadableCame)
    ]


def test_the_gateway_is_asked_what_became_of_each_message(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake))
        one.open()
        one.send(submission(41), submission(42), submission(43))
        one.until(lambda: len(one.outcomes) == 3)
        assert one.outcomes[41] == Accepted(("41",))
        one.until(lambda: any("query_sms_result" in got.line for got in fake.got))
        assert one.receipts == []  # all are on their way
        fake.states = {41: "DELIVERED", 42: "FAILED", 43: "SENT_OK"}
        one.until(lambda: len(one.receipts) == 2)
        assert said(one) == [
            ("41", "delivered", "34600111222"),
            ("42", "undelivered", "34600111222"),
        ]
        assert [r.message_id for r in one.receipts] == [41, 42]
        asked = len(fake.got)
        one.until(lambda: len(fake.got) > asked + 1)
        assert json.loads(fake.got[-2].body or "{}").get("user_id", [43]) == [43]
        assert len(one.receipts) == 2


def test_what_earlier_sessions_sent_is_asked_for_too(drive: Drive) -> None:
    with Dinstar() as fake:
        fake.states = dict.fromkeys(range(1, 101), "DELIVERED")
        fake.numbers = dict.fromkeys(fake.states, "34600111222")
        earlier = [(str(n), "+34600111222", 60.0) for n in range(1, 101)]
        one = drive(replace(gateway(fake), awaiting=lambda: earlier))
        one.open()
        one.until(lambda: len(one.receipts) == 100, 30)
        assert sorted(int(r.smsc_message_id) for r in one.receipts) == [*range(1, 101)]


def test_a_result_of_another_number_is_none_of_ours(drive: Drive) -> None:
    """A gateway remembers ids of ours from before the database began anew."""
    with Dinstar() as fake:
        one = drive(gateway(fake))
        one.open()
        one.send(submission(41), submission(42))
        one.until(lambda: len(one.outcomes) == 2)
        fake.states = {41: "FAILED", 42: "DELIVERED"}
        fake.numbers = {41: "655000111", 42: "600111222"}
        one.until(lambda: one.receipts)
        assert said(one) == [("42", "delivered", "600111222")]


def test_a_receipt_that_is_not_stored_is_asked_for_again(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake))
        one.answers_receipts = False
        one.open()
        fake.states = {41: "DELIVERED"}
        one.send(submission(41))
        one.until(lambda: len(one.receipts) == 1)
        one.session.acknowledge(one.receipts[0], False)
        one.until(lambda: len(one.receipts) == 2)


def test_a_message_in_doubt_is_asked_for_by_our_own_id(drive: Drive) -> None:
    with Dinstar(faults=["", "cut"]) as fake:
        one = drive(gateway(fake, inbox_url=""))
        one.open()
        one.send(submission(41))
        one.until(lambda: one.outcomes)
        assert isinstance(one.outcomes[41], InDoubt)
        assert fake.taken
        fake.states = {41: "DELIVERED"}
        one.until(lambda: one.receipts)
        assert said(one) == [("41", "delivered", "34600111222")]


def test_what_came_in_is_fetched_until_nothing_is_left(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake))
        fake.inbox = [(f"60011122{n}", f"texto {n}") for n in range(5)]
        one.open()
        one.until(lambda: len(one.incoming) == 5)
        assert [(i.sender, i.text) for i in one.incoming] == fake.inbox
        assert len({i.mark for i in one.incoming}) == 5
        assert all(len(i.mark) == 16 for i in one.incoming)


def test_a_message_that_cannot_be_stored_is_told_again(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake))
        one.answers_receipts = False
        fake.inbox = [("600111222", "BAJA")]
        one.open()
        one.until(lambda: one.incoming)
        one.session.acknowledge(one.incoming[0], False)
        one.until(lambda: len(one.incoming) == 2)
        assert one.incoming[0] == one.incoming[1]
        one.session.acknowledge(one.incoming[1], False)
        assert [e.text for e in one.close() if isinstance(e, InboundCame)] == ["BAJA"]


def test_what_the_last_question_brought_is_not_lost_at_the_end(drive: Drive) -> None:
    with Dinstar(faults=["", "slow"]) as fake:
        fake.inbox = [("600111222", "BAJA")]
        one = drive(gateway(fake))
        one.open()
        one.until(lambda: len(fake.got) == 2)
        last = one.close(5.0)
        assert [e.text for e in last if isinstance(e, InboundCame)] == ["BAJA"]


def test_a_gateway_that_does_not_answer_so_is_said_once(drive: Drive) -> None:
    with Dinstar() as fake:
        fake.is_enabled = False
        one = drive(gateway(fake))
        one.open()
        one.until(lambda: len(fake.got) > 4)
        assert unreadable(one) == [("message", '200 {"error_code": 404, "sn": "dbd2"}')]


class Plain(Provider):
    """A provider of no preset: a state for each id by GET, and a list of messages."""

    def reply(self, got: Got) -> bytes:
        if got.line.startswith("GET /state"):
            return told("200 OK", {"data": {"id": "A1", "state": "NOK", "why": "7"}})
        if got.line.startswith("GET /inbox"):
            return told("200 OK", {"list": [{"msg": "no sender"}]})
        return told("200 OK", {"id": "A1"})


PLAIN = {
    "fields": "to={number}&text={text}", "body": "form", "auth": "none", "id_at": "id",
    "headers": "Authorization: Bearer {secret}", "success": "2xx", "code_at": "",
    "error_table": "", "ports": "", "receipt_list_at": "", "receipt_id_at": "data.id",
    "receipt_state_at": "data.state", "receipt_error_at": "data.why",
    "receipt_number_at": "", "receipt_states": "NOK=rejected", "ask_fields": "",
    "ask_url": "/state/{id}?t={secret}", "inbox_url": "/inbox", "inbox_list_at": "list",
    "inbox_from_at": "from", "inbox_text_at": "msg", "inbox_id_at": "",
}  # fmt: skip


def test_another_provider_is_asked_as_its_settings_say(drive: Drive) -> None:
    with Plain() as fake:
        one = drive(gateway(fake, **PLAIN))
        one.open()
        one.send(submission(41))
        one.until(lambda: one.receipts and unreadable(one))
        assert [(r.smsc_message_id, r.state, r.error) for r in one.receipts] == [
            ("A1", "rejected", "7")
        ]
        asked = next(got for got in fake.got if got.line.startswith("GET /state"))
        assert asked.line == "GET /state/A1?t=t0ken%2B%2F%C3%A9 HTTP/1.1"
        assert asked.headers["authorization"] == f"Bearer {SECRET}"
        assert unreadable(one) == [("message", '200 {"list": [{"msg": "no sender"}]}')]


def test_an_answer_that_nobody_understands_is_kept_without_secrets(
    drive: Drive,
) -> None:
    class Odd(Twilio):
        def reply(self, got: Got) -> bytes:
            super().reply(got)
            return told("201 Created", {"note": f"your {SECRET} and {USER}"})

    with Odd() as fake:
        one = drive(at(fake))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes and unreadable(one))
        assert isinstance(one.outcomes[1], InDoubt)
        ((kind, text),) = unreadable(one)
        assert kind == "pdu"
        assert text == '201 {"note": "your *** and AC0123"}'


def test_digest_is_asked_for_once_and_not_with_every_message(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake, receipts="none"))
        one.open()
        one.send(*(submission(n) for n in range(1, 21)))
        one.until(lambda: len(one.outcomes) == 20)
        assert all(isinstance(o, Accepted) for o in one.outcomes.values())
        assert (len(fake.taken), len(fake.got), fake.challenged) == (20, 21, 1)


def test_a_new_challenge_is_answered_and_nothing_is_sent_twice(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake, receipts="none"))
        one.open()
        one.send(submission(1))
        one.until(lambda: len(one.outcomes) == 1)
        fake.nonce = "0123456789"
        one.send(submission(2), submission(3))
        one.until(lambda: len(one.outcomes) == 3)
        assert all(isinstance(o, Accepted) for o in one.outcomes.values())
        assert (len(fake.taken), fake.challenged) == (3, 2)


def test_a_slow_answer_is_waited_for_and_a_slower_one_leaves_it_in_doubt(
    drive: Drive,
) -> None:
    with Twilio(faults=["slow", "hang"]) as fake:
        one = drive(at(fake, concurrency="1", timeout_s="2"))
        one.open()
        one.send(submission(1), submission(2), submission(3))
        one.until(lambda: len(one.outcomes) == 3)
        assert isinstance(one.outcomes[1], Accepted)
        assert one.outcomes[2] == InDoubt("http_no_answer", "2 s")
        assert isinstance(one.outcomes[3], Accepted)
        assert len(fake.taken) == 3


def test_who_asks_too_fast_asks_later_as_the_provider_says(drive: Drive) -> None:
    class Busy(Dinstar):
        def answer_to(self, got: Got) -> Answer:
            if "unread" in got.line and self.faults:
                self.faults.pop()
                return status("429 Too Many Requests", "Retry-After: 60")
            return super().answer_to(got)

    with Busy(faults=["429"]) as fake:
        one = drive(gateway(fake, ask_every_s="1"))
        fake.inbox = [("600111222", "BAJA")]
        one.open()
        one.until(lambda: unreadable(one))
        assert unreadable(one) == [("message", "429")]
        asked, until_s = len(fake.got), time.monotonic() + 2.5
        one.until(lambda: time.monotonic() > until_s)
        assert len(fake.got) == asked
        assert not one.incoming


def test_a_server_that_may_not_be_asked_is_said_once(drive: Drive) -> None:
    with Dinstar() as fake:
        one = drive(gateway(fake, inbox_url="http://192.0.2.1/inbox"))
        one.open()
        one.until(lambda: unreadable(one))
        ((kind, text),) = unreadable(one)
        assert kind == "message"
        assert text.startswith("The server 192.0.2.1 is not of the public internet")
