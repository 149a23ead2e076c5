"""What we write is what smpplib writes, byte for byte; what we read never raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp
from smpplib.client import SimpleSequenceGenerator

from massivesms.domain.segments import split, udh
from massivesms.trunks.smpp import codec
from massivesms.trunks.smpp.encoding import validity_period
from tests.trunks import wire

FIRST = 2  # the sequence number of smpplib's first PDU
SUBMISSIONS = [
    ("gsm7", "Empresa", (5, 0), "34600111222", 1, b"Hola", 0, 0),
    ("ucs2", "5000", (3, 0), "34600111222", 1, "ñ🎉".encode("utf-16-be"), 8, 0),
    ("udh", "34911222333", (1, 1), "600111222", 0, udh(7, 2, 1) + b"a" * 153, 0, 0x40),
    ("no sender", "", (0, 0), "34600111222", 1, b"x", 0, 0),
    ("no text", "A", (5, 0), "34600111222", 1, b"", 0, 0),
]


@pytest.mark.parametrize("case", SUBMISSIONS, ids=[case[0] for case in SUBMISSIONS])
def test_a_submit_sm_is_the_one_of_smpplib(case: tuple) -> None:  # type: ignore[type-arg]
    _, source, (ton, npi), number, number_ton, octets, data_coding, esm_class = case
    theirs = smpp.make_pdu(
        "submit_sm",
        client=SimpleSequenceClient(),
        source_addr_ton=ton,
        source_addr_npi=npi,
        source_addr=source,
        dest_addr_ton=number_ton,
        dest_addr_npi=1,
        destination_addr=number,
        esm_class=esm_class,
        registered_delivery=1,
        data_coding=data_coding,
        short_message=octets,
        validity_period="000001000000000R",
    ).generate()
    fixed = codec.Fixed(validity_period=validity_period(24), registered_delivery=1)
    source_address = codec.Address(ton, npi, source)
    body = (
        codec.submit_head(fixed, source_address, number_ton, 1)
        + number.encode()
        + codec.submit_tail(codec.submit_middle(fixed, esm_class, data_coding), octets)
    )
    assert codec.encode(codec.SUBMIT_SM, FIRST, body) == theirs


def test_every_field_of_a_trunk_is_where_smpplib_has_it() -> None:
    sar = {0x20C: b"\1\2", 0x20E: b"\3", 0x20F: b"\1"}
    theirs = smpp.make_pdu(
        "submit_sm",
        client=SimpleSequenceClient(),
        service_type="CMT",
        source_addr_ton=5,
        source_addr_npi=0,
        source_addr="Empresa",
        dest_addr_ton=2,
        dest_addr_npi=8,
        destination_addr="600111222",
        esm_class=0,
        protocol_id=65,
        priority_flag=3,
        registered_delivery=2,
        data_coding=0,
        short_message=b"Hola",
        sar_msg_ref_num=0x102,
        sar_total_segments=3,
        sar_segment_seqnum=1,
    ).generate()
    fixed = codec.Fixed("CMT", 65, 3, "", 2)
    body = (
        codec.submit_head(fixed, codec.Address(5, 0, "Empresa"), 2, 8)
        + b"600111222"
        + codec.submit_tail(
            codec.submit_middle(fixed, 0, 0),
            b"Hola",
            b"".join(codec.tlv(tag, value) for tag, value in sar.items()),
        )
    )
    assert codec.encode(codec.SUBMIT_SM, FIRST, body) == theirs


@pytest.mark.parametrize("mode", ["transceiver", "transmitter", "receiver"])
@pytest.mark.parametrize("address_range", ["", "^34600"])
def test_a_bind_is_the_one_of_smpplib(mode: str, address_range: str) -> None:
    theirs = smpp.make_pdu(
        f"bind_{mode}",
        client=SimpleSequenceClient(),
        system_id="ana",
        password="secret",
        system_type="SMS",
        interface_version=0x34,
        address_range=address_range,
    ).generate()
    ours = codec.bind_body("ana", "secret", "SMS", address_range)
    command = codec.get_command_code(f"bind_{mode}")
    assert codec.encode(command, FIRST, ours) == theirs


def test_a_long_password_is_not_cut_in_silence() -> None:
    assert b"\0longer than eight\0" in codec.bind_body("ana", "longer than eight", "")


@pytest.mark.parametrize(
    ("hours", "period"),
    [
        (0, ""),
        (1, "000000010000000R"),
        (24, "000001000000000R"),
        (71, "000002230000000R"),
        (720, "000100000000000R"),
    ],
)
def test_the_validity_is_a_relative_time(hours: int, period: str) -> None:
    assert validity_period(hours) == period
    assert len(period) in (0, 16)


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        (b"abc\0", "abc"),
        (b"abc", "abc"),
        (b"", ""),
        (b"\0", ""),
        (b"abc\0\x04\x28\0\1\0", "abc"),
        (b"a\x07b\0", "ab"),
        (b"x" * 80 + b"\0", "x" * 65),
        (b"0012\0", "0012"),
    ],
    ids=["NUL", "no NUL", "no body", "empty", "TLV", "control", "long", "zeros"],
)
def test_a_message_id_is_kept_as_it_came(body: bytes, message_id: str) -> None:
    assert codec.read_message_id(body) == message_id


@pytest.mark.parametrize("length", [0, 15, 64 * 1024 + 1, 0xFFFFFFFF])
def test_an_impossible_length_is_a_fault_after_the_good_ones(length: int) -> None:
    stream = wire.answer(1) + length.to_bytes(4, "big") + bytes(12)
    found, taken, fault = codec.read_frames(stream)
    assert [sequence for _, _, sequence, _ in found] == [1]
    assert taken == len(wire.answer(1))
    assert fault == f"command_length {length}"


@given(st.binary(max_size=300))
def test_reading_a_deliver_sm_never_raises(body: bytes) -> None:
    for command in (codec.DELIVER_SM, codec.DATA_SM):
        codec.read_deliver(codec.Pdu(command, 0, 1, body))


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=9)), max_size=5))
def test_tlvs_known_or_not_are_read(fields: list[tuple[int, bytes]]) -> None:
    data = b"".join(wire.tlv(tag, value) for tag, value in fields)
    assert codec.read_tlvs(data, 0) == dict(fields)
    assert codec.read_tlvs(data + b"\0\1\0\x09x", 0).items() >= dict(fields).items()


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_pdus_are_found_however_the_stream_is_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(wire.pdu(0x15, n, body) for n, body in enumerate(bodies))
    rest, got, at = b"", [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, 40))
        rest += stream[at : at + step]
        at += step
        found, taken, fault = codec.read_frames(rest)
        assert not fault
        rest = rest[taken:]
        got += [body for _, _, _, body in found]
    assert got == bodies
    assert not rest


def test_a_long_text_fits_its_short_messages() -> None:
    assert all(len(part) <= 153 for part in split("a" * 400).parts)


class SimpleSequenceClient:
    """What smpplib wants of a client: the next sequence number."""

    def __init__(self) -> None:
        self.sequence_generator = SimpleSequenceGenerator()
        self.sequence = 1
        self.next_sequence = self.sequence_generator.next_sequence
