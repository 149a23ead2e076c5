"""The packets of the manager interface, and what no line can carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.trunks.asterisk import devices
from massivesms.trunks.asterisk.packets import (
    MOST_LINE,
    MOST_OCTETS,
    Packet,
    Packets,
    Unreadable,
    Unwritable,
    encode,
)

BANNER = b"Asterisk Call Manager/9.0.0\r\n"
SMS = (
    "Event: DongleNewSMS\r\nFrom: +34600\r\nLineCount: 2\r\n"
    "MessageLine0: Sí\r\nMessageLine1:  con sangría: dos\r\n\r\n\r\n"
)
TALK = BANNER + SMS.encode() + b"Response: Success\r\nMessage:\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 4096])
def test_packets_are_the_same_in_whatever_pieces_they_come(size: int) -> None:
    packets = Packets()
    found: list[Packet] = []
    for at in range(0, len(TALK), size):
        found += packets.feed(TALK[at : at + size])
    assert packets.banner == "Asterisk Call Manager/9.0.0"
    event, response = found
    assert event.event == "DongleNewSMS"
    assert event.get("messageline1") == " con sangría: dos"
    assert response.get("Message") == ""
    assert response.event == ""


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="web server"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="ssh"),
        pytest.param(b"Asterisk Call Xanager/1\r\n", id="nearly"),
        pytest.param(b"Asterisk Call Manager/" + b"9" * 2000, id="endless"),
    ],
)
def test_a_server_that_is_no_asterisk_is_known_by_its_first_line(
    greeting: bytes,
) -> None:
    with pytest.raises(Unreadable):
        Packets().feed(greeting)


def test_a_packet_without_end_is_not_kept_for_ever() -> None:
    packets = Packets()
    packets.feed(BANNER)
    with pytest.raises(Unreadable):
        packets.feed(b"Event: x\r\n" * (MOST_OCTETS // 10 + 1))


def test_octets_that_are_no_text_do_no_harm() -> None:
    packets = Packets()
    [packet] = packets.feed(BANNER + b"Event: \xff\xfe\r\nno colon\r\n\r\n")
    assert packet.event == "\ufffd\ufffd"


@pytest.mark.parametrize("value", ["a\r\nAction: Command", "a\nb", "a\rb", "a\0b"])
def test_no_value_can_end_its_line(value: str) -> None:
    with pytest.raises(Unwritable):
        encode([("Action", "DongleSendSMS"), ("Message", value)])


def test_a_line_that_asterisk_would_dump_is_not_written() -> None:
    fits = "ñ" * ((MOST_LINE - len("Message: ")) // 2)
    assert encode([("Message", fits)]).endswith(b"\r\n\r\n")
    with pytest.raises(Unwritable) as caught:
        encode([("Message", fits + "ññ")])
    assert caught.value.is_long


@given(st.text(max_size=200))
def test_what_is_written_is_one_action_or_nothing(value: str) -> None:
    try:
        octets = encode([("Action", "X"), ("Message", value)])
    except Unwritable:
        return
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(c) <= 0xDFFF for c in value)
        return
    assert octets.count(b"\r\n") == 3
    assert octets.index(b"\r\n\r\n") == len(octets) - 4


@pytest.mark.parametrize(
    ("told", "tasks"),
    [("3", 3), ("", None), ("-1", None), ("²", None), ("9" * 5000, 999_999_999)],
)
def test_any_number_of_tasks_that_a_driver_tells_is_read(
    told: str, tasks: int | None
) -> None:
    entry = f"Event: DongleDeviceEntry\r\nDevice: a\r\nTasksInQueue: {told}\r\n\r\n"
    read = Packets().feed(f"Asterisk Call Manager/9.0.0\r\n{entry}".encode())
    assert devices.read(read)["a"].tasks == tasks
