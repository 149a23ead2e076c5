"""Short messages as octets: what the standard and the field show, and round trips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain import incoming_text
from massivesms.domain.gsm7 import GSM7_CHARACTERS
from massivesms.domain.incoming_text import Octets
from massivesms.domain.segments import Alphabet, split
from massivesms.trunks.modem import septets
from massivesms.trunks.modem.address import TpduError, read_address
from massivesms.trunks.modem.tpdu import (
    Deliver,
    Part,
    StatusReport,
    Submit,
    encode_submit,
    parts_of,
    read_pdu,
    state_of,
    validity,
)
from tests.fakes.modem import pdu

HOUR_S, DAY_S = 3600, 86400
NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)


def alone(text: str) -> Part:
    (part,) = parts_of(split(text), 1)
    return part


def text_of(came: Deliver | StatusReport) -> str:
    assert isinstance(came, Deliver)
    return incoming_text.read([Octets(came.coding, came.data)]).text


def test_a_submit_that_everybody_knows() -> None:
    submit = Submit("46708251358", True, alone("hellohello"), validity_s=4 * DAY_S)
    assert encode_submit(submit) == (
        23,
        "0011000B916407281553F80000AA0AE8329BFD4697D9EC37",
    )


def test_the_service_centre_is_not_counted_among_the_octets() -> None:
    submit = Submit("46708251358", True, alone("hellohello"))
    found = encode_submit(submit, "+27381000015")
    assert found.text.startswith("07917283010010F50100")
    assert found.octets == 22


def test_a_national_number_has_its_own_type() -> None:
    found = encode_submit(Submit("123", False, alone("a")))
    assert found.text == "000100038121F300000161"


def test_a_report_and_no_duplicates_are_asked_for_in_the_first_octet() -> None:
    submit = Submit(
        "123", False, alone("a"), 7, wants_report=True, rejects_duplicates=True
    )
    assert encode_submit(submit).text.startswith("002507")


def test_ucs2_counts_its_octets() -> None:
    assert encode_submit(Submit("123", False, alone("Я"))).text == (
        "0001000381" + "21F3" + "0008" + "02" + "042F"
    )


def test_a_deliver_that_everybody_knows() -> None:
    came = read_pdu(
        "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
    )
    assert isinstance(came, Deliver)
    assert came.smsc.shown == "+27381000015"
    assert came.sender.text == "27838890001"
    assert came.sent_at == datetime(1999, 3, 29, 13, 16, 59, tzinfo=UTC)
    assert text_of(came) == "hellohello"


@pytest.mark.parametrize("name", ["A", "Diafaan", "ALERTAS", "MiBanco24", "Ñandu"])
def test_a_name_as_sender_is_read(name: str) -> None:
    came = read_pdu(pdu.deliver(name, "hola", NOON))
    assert isinstance(came, Deliver)
    assert came.sender.shown == name
    assert not came.sender.is_number


def test_an_international_sender_begins_with_a_plus() -> None:
    came = read_pdu(pdu.deliver("+584141234567", "hola", NOON))
    assert isinstance(came, Deliver)
    assert came.sender.shown == "+584141234567"


def test_a_short_code_stays_as_it_is() -> None:
    came = read_pdu(pdu.deliver("2662", "saldo", NOON))
    assert isinstance(came, Deliver)
    assert came.sender.shown == "2662"


def test_a_status_report_is_read() -> None:
    came = read_pdu(pdu.status_report(213, "+584141234567", NOON, 0, "+58412000"))
    assert came == StatusReport(came.smsc, 213, came.recipient, NOON, NOON, 0)
    assert came.recipient.shown == "+584141234567"
    assert came.state == "delivered"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param(0x00, "delivered", id="received by the phone"),
        pytest.param(0x01, "submitted", id="handed on, nobody knows"),
        pytest.param(0x02, "undelivered", id="replaced by another"),
        pytest.param(0x1F, "delivered", id="the centre's own, completed"),
        pytest.param(0x20, "submitted", id="congestion, still trying"),
        pytest.param(0x3F, "submitted", id="the centre's own, still trying"),
        pytest.param(0x40, "undelivered", id="remote procedure error"),
        pytest.param(0x46, "expired", id="validity period over"),
        pytest.param(0x47, "undelivered", id="deleted by us"),
        pytest.param(0x62, "undelivered", id="no answer, not trying"),
        pytest.param(0x80, "undelivered", id="reserved"),
    ],
)
def test_a_status_has_a_state(status: int, state: str) -> None:
    assert state_of(status) == state


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        pytest.param(0, 0, id="five minutes are the least"),
        pytest.param(300, 0, id="five minutes"),
        pytest.param(HOUR_S, 11, id="an hour"),
        pytest.param(12 * HOUR_S, 143, id="twelve hours"),
        pytest.param(12 * HOUR_S + 1799, 143, id="never longer than asked for"),
        pytest.param(DAY_S, 167, id="a day"),
        pytest.param(DAY_S + HOUR_S, 167, id="between a day and two"),
        pytest.param(2 * DAY_S, 168, id="two days"),
        pytest.param(30 * DAY_S, 196, id="thirty days"),
        pytest.param(34 * DAY_S, 196, id="between thirty days and five weeks"),
        pytest.param(35 * DAY_S, 197, id="five weeks"),
        pytest.param(9999 * DAY_S, 255, id="63 weeks are the most"),
    ],
)
def test_a_validity_is_never_longer_than_asked_for(seconds: int, value: int) -> None:
    assert validity(seconds) == value


@given(text=st.text(st.sampled_from(sorted(GSM7_CHARACTERS)), min_size=1, max_size=500))
def test_a_text_in_gsm7_arrives_as_it_was(text: str) -> None:
    assert sent_and_joined(text) == text


@given(
    text=st.text(
        st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200
    ).map(lambda text: text + "Я")
)
def test_a_text_in_ucs2_arrives_as_it_was(text: str) -> None:
    assert sent_and_joined(text) == text


def sent_and_joined(text: str) -> str:
    parts = parts_of(split(text), 4711)
    read = []
    for part in parts:
        found = encode_submit(Submit("584141234567", True, part, 9), "+58412000")
        assert found.octets == pdu.tpdu_octets(found.text)
        read.append(pdu.read_submit(found.text))
    assert all(one.number == "+584141234567" for one in read)
    assert all(one.reference == 9 and one.smsc == "+58412000" for one in read)
    if len(parts) > 1:
        places = [one.place for one in read]
        assert len({place[0] for place in places if place}) == 1
        assert [place and place[1:] for place in places] == [
            (len(parts), n) for n in range(1, len(parts) + 1)
        ]
    return b"".join(
        one.text.encode("utf-16-be", "surrogatepass") for one in read
    ).decode("utf-16-be")


@given(
    sender=st.from_regex(r"\A\+?[0-9]{3,15}\Z"),
    text=st.text(st.sampled_from("aé@€[ñЯ中"), max_size=60),
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)),
    quarters=st.integers(-48, 56),
)
def test_a_deliver_is_read_as_it_was_made(
    sender: str, text: str, moment: datetime, quarters: int
) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    when = moment.replace(microsecond=0, tzinfo=zone)
    came = read_pdu(pdu.deliver(sender, text, when, place=(7, 3, 2)))
    assert isinstance(came, Deliver)
    assert text_of(came) == text
    assert came.sender.shown == sender
    assert came.sent_at == when
    assert came.header
    assert came.header.place == ("udh8:7", 3, 2)


@given(data=st.binary(max_size=200), fill=st.integers(0, 6))
def test_septets_come_out_as_they_went_in(data: bytes, fill: int) -> None:
    data = bytes(octet & 0x7F for octet in data)
    packed = septets.pack(data, fill)
    assert packed.hex().upper() == pdu.packed(data, fill)
    assert septets.unpack(packed, len(data), fill) == data


@given(octets=st.binary(max_size=320))
def test_octets_of_all_kinds_are_read_or_refused(octets: bytes) -> None:
    read_or_refuse(octets.hex())


@given(text=st.text(max_size=60))
def test_what_is_no_hex_is_refused(text: str) -> None:
    read_or_refuse(text)


@given(
    at=st.integers(0, 60),
    octet=st.integers(0, 255),
    end=st.integers(0, 60),
    is_report=st.booleans(),
)
def test_a_broken_message_is_read_or_refused(
    at: int, octet: int, end: int, is_report: bool
) -> None:
    whole = pdu.deliver("+584141234567", "hola", NOON, place=(1, 2, 1))
    if is_report:
        whole = pdu.status_report(1, "+584141234567", NOON, 0)
    octets = bytearray.fromhex(whole)
    octets[at % len(octets)] = octet
    read_or_refuse(octets[: len(octets) - end].hex())


def read_or_refuse(text: str) -> None:
    try:
        came = read_pdu(text)
    except TpduError:
        return
    if isinstance(came, Deliver):
        text_of(came)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        pytest.param("", "nothing to send to", id="empty"),
        pytest.param("1" * 21, "longer than any number", id="long"),
        pytest.param("12x", "not a digit", id="letters"),
    ],
)
def test_a_number_that_cannot_be_is_refused(number: str, reason: str) -> None:
    with pytest.raises(TpduError):
        encode_submit(Submit(number, True, alone("a")))


def test_a_part_that_is_too_long_is_refused() -> None:
    part = Part(Alphabet.GSM7, b"a" * 161)
    with pytest.raises(TpduError):
        encode_submit(Submit("123", False, part))


def test_a_filler_within_a_number_is_no_digit() -> None:
    with pytest.raises(TpduError):
        read_address(bytes.fromhex("0481F1F1"))


def test_a_header_that_lies_is_kept_as_octets() -> None:
    came = read_pdu("00" + "44" + "0381" + "21F3" + "0004" + "62" * 7 + "03" + "FF0102")
    assert isinstance(came, Deliver)
    assert came.header is None
    assert text_of(came) == "0xFF0102"


def test_octets_for_a_program_are_shown_as_octets() -> None:
    came = read_pdu("00" + "04" + "0381" + "21F3" + "00F5" + "62" * 7 + "03" + "FF0102")
    assert isinstance(came, Deliver)
    assert came.coding == incoming_text.OCTETS


def test_a_time_that_cannot_be_is_none() -> None:
    came = read_pdu("00" + "04" + "0381" + "21F3" + "0000" + "FF" * 7 + "0161")
    assert isinstance(came, Deliver)
    assert came.sent_at is None
