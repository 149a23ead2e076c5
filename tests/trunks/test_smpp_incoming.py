"""Messages from people in a deliver_sm, byte by byte and over the wire."""

from __future__ import annotations

import struct
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.incoming_text import Octets
from massivesms.domain.user_data import Place
from massivesms.trunks.base import InboundCame, TrunkSettings
from massivesms.trunks.smpp import codec
from massivesms.trunks.smpp.incoming import read_inbound
from tests.fakes.smsc import Smsc
from tests.trunks.conftest import Driver, settings


def came(
    octets: bytes = b"Hola",
    *,
    source: bytes = b"34600111222",
    ton: int = 1,
    esm_class: int = 0,
    data_coding: int = 0,
    tlvs: bytes = b"",
) -> InboundCame:
    """What a deliver_sm (SMPP 3.4 §4.6.1) becomes."""
    body = b"\0" + bytes((ton, 1)) + source + b"\0" + b"\1\1" + b"5000\0"
    body += bytes((esm_class, 0, 0)) + b"\0\0"
    body += bytes((0, 0, data_coding, 0, len(octets))) + octets + tlvs
    deliver = codec.read_deliver(codec.Pdu(codec.DELIVER_SM, 0, 1, body))
    assert deliver is not None
    return read_inbound(deliver, 1, "gsm7")


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def test_a_short_message_is_read() -> None:
    one = came(bytes.fromhex("42414A41"))
    assert (one.sender, one.recipient, one.text) == ("+34600111222", "5000", "BAJA")
    assert (one.parts, one.part, one.unreadable) == (1, None, False)


def test_the_type_of_the_sender_says_whether_it_is_international() -> None:
    assert came(ton=0).sender == "34600111222"
    assert came(source=b"5000", ton=1).sender == "5000"
    assert came(source=b"BANCO", ton=5).sender == "BANCO"
    assert came(source=b"+34600111222", ton=1).sender == "+34600111222"


def test_the_text_may_be_in_message_payload() -> None:
    assert came(b"", tlvs=tlv(0x0424, b"\x00\x02"), data_coding=0).text == "@$"


def test_a_data_sm_has_its_text_in_message_payload() -> None:
    body = b"\0\1\1" + b"34600111222\0" + b"\1\1" + b"5000\0" + bytes((0, 0, 8))
    body += tlv(0x0424, "ñ".encode("utf-16-be"))
    deliver = codec.read_deliver(codec.Pdu(codec.DATA_SM, 0, 1, body))
    assert deliver is not None
    assert read_inbound(deliver, 1, "gsm7").text == "ñ"


def test_a_part_is_known_by_its_header() -> None:
    eight = came(b"\5\0\3\x2a\2\1abc", esm_class=0x40)
    assert eight.part == (Place("udh8:42", 2, 1), Octets("gsm7", b"abc"))
    sixteen = came(b"\6\x08\4\x12\x34\3\2abc", esm_class=0x40, data_coding=8)
    assert sixteen.part == (Place("udh16:4660", 3, 2), Octets("ucs2", b"abc"))


def test_a_part_is_known_by_the_sar_fields() -> None:
    fields = tlv(0x020C, b"\0\7") + tlv(0x020E, b"\2") + tlv(0x020F, b"\1")
    assert came(b"abc", tlvs=fields).part == (
        Place("sar:7", 2, 1),
        Octets("gsm7", b"abc"),
    )
    assert came(b"abc", tlvs=fields[:12]).part is None


def test_one_part_of_one_is_whole() -> None:
    assert came(b"\5\0\3\x2a\1\1abc", esm_class=0x40).text == "abc"


def test_a_broken_header_leaves_all_octets_to_be_seen() -> None:
    one = came(b"\x05\0\3", esm_class=0x40)
    assert (one.text, one.unreadable) == ("0x050003", True)
    empty = came(b"", esm_class=0x40)
    assert (empty.text, empty.unreadable) == ("0x", True)


def test_the_digest_is_that_of_the_whole_message() -> None:
    assert came().digest == came().digest
    others = [
        came(b"Adios"),
        came(source=b"34600111223"),
        came(data_coding=3),
        came(esm_class=0x10),
        came(tlvs=tlv(0x0204, b"\0\1")),
        came(tlvs=tlv(0x0204, b"\0\2")),
    ]
    assert len({one.digest for one in [came(), *others]}) == 7


@given(
    st.binary(max_size=60), st.integers(0, 255), st.integers(0, 255),
    st.dictionaries(
        st.sampled_from([0x020C, 0x020E, 0x020F, 0x0424, 0x0204]),
        st.binary(max_size=9),
    ),
)  # fmt: skip
def test_no_octets_raise(
    octets: bytes, esm_class: int, data_coding: int, tlvs: dict[int, bytes]
) -> None:
    deliver = codec.Deliver("x", "y", esm_class, data_coding, octets, tlvs)
    one = read_inbound(deliver, 1, "gsm7")
    assert (one.part is None) or one.text == ""


def test_a_message_comes_over_the_wire_and_is_answered(
    drive: Callable[[TrunkSettings], Driver],
) -> None:
    with Smsc() as smsc:
        values = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
        driver = drive(settings("smpp", **values))
        driver.open()
        smsc.deliver("34600111222", "5000", "¿Qué tal? 🙂", data_coding=8)
        driver.until(lambda: driver.incoming)
        (one,) = driver.incoming
        assert (one.sender, one.text) == ("+34600111222", "¿Qué tal? 🙂")
        driver.until(lambda: smsc.delivered_answers)
        assert smsc.delivered_answers[0].status == 0


def test_a_message_that_could_not_be_stored_stays_at_the_operator(
    drive: Callable[[TrunkSettings], Driver],
) -> None:
    with Smsc() as smsc:
        values = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
        driver = drive(settings("smpp", **values))
        driver.answers_receipts = False
        driver.open()
        smsc.deliver("34600111222", "5000", "BAJA")
        driver.until(lambda: driver.incoming)
        driver.session.acknowledge(driver.incoming[0], False)
        driver.until(lambda: smsc.delivered_answers)
        assert smsc.delivered_answers[0].status == 0x64
