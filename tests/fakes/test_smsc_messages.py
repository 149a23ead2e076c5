"""The simulator's alphabets, and how it puts long messages together."""

from __future__ import annotations

import pytest

from tests.fakes.bare_esme import submit_body, tlv
from tests.fakes.smsc import Submission, assemble
from tests.fakes.smsc.gsm7 import BASIC, EXTENSION, decode, encode
from tests.fakes.smsc.messages import decode_text
from tests.fakes.smsc.pdu import PduError, decode_submit_sm


def submission(
    text: bytes = b"",
    *,
    number: str = "34600000001",
    esm_class: int = 0,
    data_coding: int = 0,
    tlvs: bytes = b"",
    verdict: int = 0,
) -> Submission:
    body = submit_body(
        number, text, esm_class=esm_class, data_coding=data_coding, tlvs=tlvs
    )
    one = Submission(1.0, "tester", body, 1)
    one.verdict = verdict
    return one


def udh8(reference: int, total: int, ordinal: int, text: bytes) -> Submission:
    header = bytes((5, 0, 3, reference, total, ordinal))
    return submission(header + text, esm_class=0x40)


def udh16(reference: int, total: int, ordinal: int, text: bytes) -> Submission:
    header = bytes((6, 8, 4, reference >> 8, reference & 0xFF, total, ordinal))
    return submission(header + text, esm_class=0x40, data_coding=8)


def sar(reference: int, total: int, ordinal: int, text: bytes) -> Submission:
    tlvs = (
        tlv(0x020C, reference.to_bytes(2, "big"))
        + tlv(0x020E, bytes((total,)))
        + tlv(0x020F, bytes((ordinal,)))
    )
    return submission(text, tlvs=tlvs)


# Alphabets


def test_the_gsm_alphabet_has_128_different_characters() -> None:
    assert len(BASIC) == len(set(BASIC)) == 128
    assert set(BASIC).isdisjoint(EXTENSION.values())


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x00\x01\x02\x11 \x40\x5f\x60\x7f", "@£$_ ¡§¿à"),
        (b"\x04\x05\x06\x07\x08\x09", "èéùìòÇ"),
        (b"\x10\x12\x13\x14\x15\x16\x17\x18\x19\x1a", "ΔΦΓΛΩΠΨΣΘΞ"),
        (b"\x0b\x0c\x0e\x0f\x1c\x1d\x1e\x1f\x24", "ØøÅåÆæßÉ¤"),
        (b"\x5b\x5c\x5d\x5e\x7b\x7c\x7d\x7e", "ÄÖÑÜäöñü"),
        (b"\x1b\x65\x1b\x28\x1b\x29\x1b\x3c\x1b\x3e", "€{}[]"),
        (b"\x1b\x14\x1b\x2f\x1b\x3d\x1b\x40\x1b\x0a", "^\\~|\f"),
        (b"\x1b\x41", "A"),
        (b"a\x1b", "a\ufffd"),
        (b"\xe9", "\ufffd"),
    ],
    ids=[
        "corners",
        "accents",
        "Greek",
        "Nordic",
        "German and Spanish",
        "brackets and euro",
        "other extensions",
        "unknown extension shows the basic character",
        "escape at the end",
        "not a septet",
    ],
)
def test_septets_read_as_a_handset_reads_them(octets: bytes, text: str) -> None:
    assert decode(octets) == text


def test_every_gsm_character_survives_the_way_there_and_back() -> None:
    text = BASIC.replace("\x1b", "") + "".join(EXTENSION.values())
    assert decode(encode(text)) == text


@pytest.mark.parametrize(
    ("data_coding", "default", "octets", "text"),
    [
        (0, "gsm7", b"\x02", "$"),
        (0, "latin-1", b"\xf1", "ñ"),
        (0, "ascii", b"\xf1", "\ufffd"),
        (1, "gsm7", b"$", "$"),
        (3, "gsm7", b"\xf1", "ñ"),
        (8, "gsm7", "да😀".encode("utf-16-be"), "да😀"),
        (8, "gsm7", b"\xd8\x3d", "\ufffd"),
        (0x11, "gsm7", b"\x02", "$"),
        (0x18, "gsm7", b"\x04\x34", "д"),
        (0xF1, "gsm7", b"\x02", "$"),
        (0xF5, "gsm7", b"\xf1", "ñ"),
    ],
)
def test_text_is_read_by_its_data_coding(
    data_coding: int, default: str, octets: bytes, text: str
) -> None:
    assert decode_text(octets, data_coding, default) == text


# Long messages


@pytest.mark.parametrize("segment", [udh8, sar], ids=["8-bit reference", "sar_* TLVs"])
def test_segments_make_one_message_in_any_order(segment: object) -> None:
    assert callable(segment)
    second, first = segment(7, 2, 2, b"world"), segment(7, 2, 1, b"hello ")
    (message,) = assemble([second, first])
    assert (message.text, message.segments, message.complete) == (
        "hello world",
        2,
        True,
    )
    assert (message.number, message.sender) == ("34600000001", "Shop")


def test_a_16_bit_reference_is_read_whole() -> None:
    segments = [
        udh16(0x0107, 2, 1, "д".encode("utf-16-be")),
        udh16(0x0207, 2, 1, "x".encode("utf-16-be")),
        udh16(0x0107, 2, 2, "а".encode("utf-16-be")),
    ]
    messages = assemble(segments)
    assert [message.text for message in messages] == ["да", "x"]
    assert [message.complete for message in messages] == [True, False]
    assert messages[0].data_coding == 8


def test_a_message_payload_is_one_message() -> None:
    (message,) = assemble([submission(tlvs=tlv(0x0424, b"x" * 1000))])
    assert (message.text, message.segments) == ("x" * 1000, 1)


def test_segments_of_different_numbers_are_kept_apart() -> None:
    header = b"\x05\x00\x03\x07\x02\x01"
    ours = submission(header + b"a", esm_class=0x40)
    theirs = submission(header + b"b", esm_class=0x40, number="34600000002")
    messages = assemble([ours, theirs])
    assert [message.segments for message in messages] == [1, 1]


def test_a_segment_sent_twice_does_not_hide() -> None:
    segments = [
        udh8(7, 2, 1, b"hello "),
        udh8(7, 2, 1, b"hello "),
        udh8(7, 2, 2, b"world"),
        udh8(7, 2, 2, b"world"),
    ]
    messages = assemble(segments)
    assert sum(message.segments for message in messages) == 4
    assert len(messages) > 1


def test_a_whole_message_sent_twice_is_two_messages() -> None:
    once = [udh8(7, 2, 1, b"hello "), udh8(7, 2, 2, b"world")]
    messages = assemble(once + once)
    assert [message.text for message in messages] == ["hello world", "hello world"]


def test_an_escape_pair_cut_in_two_is_seen() -> None:
    (message,) = assemble([udh8(1, 2, 1, b"a\x1b"), udh8(1, 2, 2, b"\x65b")])
    assert message.text == "a\ufffdeb"


def test_a_surrogate_pair_cut_in_two_is_seen() -> None:
    high, low = "😀".encode("utf-16-be")[:2], "😀".encode("utf-16-be")[2:]
    (message,) = assemble([udh16(1, 2, 1, high), udh16(1, 2, 2, low)])
    assert message.text == "\ufffd\ufffd"


def test_rejected_submissions_reach_no_handset() -> None:
    assert assemble([submission(b"hello", verdict=0x58)]) == []


@pytest.mark.parametrize(
    "header",
    [b"\x05\x00\x03\x07\x02\x03", b"\x05\x00\x03\x07\x00\x00", b"\x03\x05\x04\x0b"],
    ids=["third of two", "none of none", "element cut off"],
)
def test_an_impossible_header_is_ignored(header: bytes) -> None:
    (message,) = assemble([submission(header + b"hi", esm_class=0x40)])
    assert (message.text, message.segments_expected) == ("hi", 1)


def test_other_header_elements_are_passed_over() -> None:
    ports_then_place = b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x01\x01"
    (message,) = assemble([submission(ports_then_place + b"hi", esm_class=0x40)])
    assert (message.text, message.complete) == ("hi", True)


def test_decoding_a_malformed_body_names_its_status() -> None:
    with pytest.raises(PduError, match="INVDSTADR"):
        decode_submit_sm(submit_body(number=""))
