"""The fake Asterisk speaks as the documents say: octets on a plain socket."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator

import pytest

from tests.fakes.asterisk.pbx import BANNER, SECRET, USER, Behaviour
from tests.fakes.asterisk.server import Asterisk


class Client:
    """Writes actions and reads packets, with nothing of ours."""

    def __init__(self, asterisk: Asterisk) -> None:
        self.socket = socket.create_connection((asterisk.host, asterisk.port), 10)
        self._file = self.socket.makefile("rb")
        self.banner = self._file.readline().decode().strip()

    def ask(self, *lines: str) -> dict[str, str]:
        self.socket.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        return self.packet()

    def packet(self) -> dict[str, str]:
        """The next packet; {} at the end of the connection."""
        found: dict[str, str] = {}
        while line := self._file.readline().decode():
            if line == "\r\n" and found:
                break
            name, _, value = line.rstrip("\r\n").partition(": ")
            if name:
                found[name] = value
        return found

    def log_in(self, secret: str = SECRET) -> dict[str, str]:
        answer = self.ask("Action: Login", f"Username: {USER}", f"Secret: {secret}")
        if answer["Response"] == "Success":
            assert self.packet()["Event"] == "FullyBooted"
        return answer


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk(Behaviour(reports_at_once=False, is_busy=False)) as asterisk:
        yield asterisk


@pytest.fixture
def client(asterisk: Asterisk) -> Iterator[Client]:
    client = Client(asterisk)
    yield client
    client.socket.close()


def test_it_greets_and_lets_in_by_the_secret(client: Client) -> None:
    assert client.banner == BANNER
    assert client.log_in()["Message"] == "Authentication accepted"


def test_it_lets_in_by_the_challenge(client: Client) -> None:
    challenge = client.ask("Action: Challenge", "AuthType: MD5", "ActionID: 7")
    assert challenge["ActionID"] == "7"
    key = hashlib.md5((challenge["Challenge"] + SECRET).encode()).hexdigest()
    login = ("Action: Login", f"Username: {USER}", "AuthType: MD5", f"Key: {key}")
    assert client.ask(*login)["Response"] == "Success"


def test_a_wrong_secret_ends_the_connection(client: Client) -> None:
    answer = client.log_in("wrong")
    assert (answer["Response"], answer["Message"]) == ("Error", "Authentication failed")
    assert client.packet() == {}


def test_nothing_is_done_before_the_sign_in(client: Client, asterisk: Asterisk) -> None:
    sms = ("Action: DongleSendSMS", "Device: dongle0", "Number: 1", "Message: x")
    assert client.ask(*sms)["Message"] == "Permission denied"
    assert asterisk.sent == []


def test_classes_of_the_user_decide(asterisk: Asterisk) -> None:
    asterisk.behaviour.write = ("reporting",)
    client = Client(asterisk)
    client.log_in()
    sms = ("Action: DongleSendSMS", "Device: dongle0", "Number: 1", "Message: x")
    assert client.ask(*sms)["Message"] == "Permission denied"
    assert "DongleSendSMS" not in client.ask("Action: ListCommands")
    client.socket.close()


def test_an_sms_is_queued_and_told_of_with_its_payload(
    client: Client, asterisk: Asterisk
) -> None:
    client.log_in()
    answer = client.ask(
        "Action: DongleSendSMS", "ActionID: a", "Device: dongle0", "Number: +34600",
        r"Message: dos\nlíneas", "Payload: p", "Report: no",
    )  # fmt: skip
    assert answer["Message"] == "[dongle0] SMS queued for send"
    event = client.packet()
    assert (event["Event"], event["Payload"]) == ("DongleReport", "p")
    assert (event["Type"], event["Success"]) == ("0", "1")
    assert asterisk.sent[0].text == "dos\nlíneas"


def test_an_unknown_device_and_an_unknown_action_are_errors(client: Client) -> None:
    client.log_in()
    sms = ("Action: DongleSendSMS", "Device: x", "Number: 1", "Message: x")
    assert client.ask(*sms)["Message"] == "[x] Device not found"
    assert "Invalid/unknown command" in client.ask("Action: Pigeon")["Message"]


def test_a_line_of_more_than_1024_octets_is_refused(client: Client) -> None:
    client.log_in()
    answer = client.ask("Action: Ping", f"Filler: {'x' * 2000}")
    assert answer["Response"] == "Error"


def test_modems_are_listed_one_by_one(client: Client) -> None:
    client.log_in()
    assert client.ask("Action: DongleShowDevices")["EventList"] == "start"
    entry = client.packet()
    assert (entry["Device"], entry["State"]) == ("dongle0", "Free")
    assert entry["TasksInQueue"] == "0"
    assert client.packet()["Event"] == "DongleShowDevicesComplete"


def test_a_message_that_comes_is_told_in_lines_and_in_base64(
    client: Client, asterisk: Asterisk
) -> None:
    client.log_in()
    asterisk.wait_for(lambda: asterisk.sessions[0].is_in)
    asterisk.deliver("dongle0", "+34600", "a\n\nb")
    plain, encoded = client.packet(), client.packet()
    assert (plain["MessageLine0"], plain["MessageLine1"]) == ("a", "b")
    assert encoded["Message"] == "YQoKYg=="
