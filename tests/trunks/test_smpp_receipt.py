"""Receipts as operators write them, not as the specification does."""

from __future__ import annotations

import pytest

from massivesms.trunks.smpp import codec
from massivesms.trunks.smpp.receipt import ID_FORMS, digits_of, read_receipt

FULL = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2607011200 done date:2607011201"
    " stat:DELIVRD err:000 text:Hola"
)


def deliver(
    text: str, esm_class: int = 4, tlvs: dict[int, bytes] | None = None
) -> codec.Deliver:
    return codec.Deliver("1", "2", esm_class, 0, text.encode("latin-1"), tlvs or {})


@pytest.mark.parametrize(
    ("text", "report"),
    [
        (FULL, ("0123456789", "delivered", "")),
        ("stat:DELIVRD id:7", ("7", "delivered", "")),
        ("id:7 stat:UNDELIV err:0A1", ("7", "undelivered", "0A1")),
        ("id:7 submitdate:0 stat:EXPIRED err:5", ("7", "expired", "5")),
        ("ID: 7 STAT: REJECTD", ("7", "rejected", "")),
        ("id:7 stat:DELETED", ("7", "undelivered", "")),
        ("id:7 stat:BUFFERD", ("7", "submitted", "")),
        ("id:7 stat:BUFFRED", ("7", "submitted", "")),
        ("id:7 stat:ACKED", ("7", "submitted", "")),
        ("id:7 stat:ENROUTE", ("7", "submitted", "")),
        ("id:7 stat:UNKNOWN", ("7", "submitted", "")),
        ("id:7 stat:ACCEPTD", ("7", "submitted", "")),
        ("id:7 stat:BUFFERED", ("7", "submitted", "")),
        ("id:7", ("7", "", "")),
        ("id:7 stat:HAPPY", ("7", "", "")),
        ("id:7 stat:delivrd", ("7", "delivered", "")),
        ("id: sub:001 stat:DELIVRD", ("", "delivered", "")),
        ("", ("", "", "")),
        ("id:7\0 stat:DELIVRD err:\x07", ("7", "delivered", "")),
        ("id:7 submit date:20260701120000 stat:DELIVRD", ("7", "delivered", "")),
        (
            "id:7 stat:DELIVRD err:000 text:id:99 stat:UNDELIV err:9",
            ("7", "delivered", ""),
        ),
        ("id:5d6c2a5e-3f0b stat:DELIVRD", ("5d6c2a5e-3f0b", "delivered", "")),
        ("id:" + "9" * 80 + " stat:DELIVRD", ("9" * 65, "delivered", "")),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_receipt_is_read_free_of_order(
    text: str, report: tuple[str, str, str]
) -> None:
    found = read_receipt(deliver(text))
    assert found is not None
    assert found[:3] == report


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (1, "submitted"),
        (2, "delivered"),
        (3, "expired"),
        (4, "undelivered"),
        (5, "undelivered"),
        (6, "submitted"),
        (7, "submitted"),
        (8, "rejected"),
        (9, "undelivered"),
        (99, "delivered"),  # it says nothing: the text does
    ],
)
def test_tlvs_win_over_the_text(number: int, state: str) -> None:
    tlvs = {0x1E: b"tlv-id\0", 0x427: bytes((number,))}
    found = read_receipt(deliver(FULL, tlvs=tlvs))
    assert found == ("tlv-id", state, "", "Hola")


@pytest.mark.parametrize(
    ("octets", "text_error", "error"),
    [
        (b"\3\0\x1b", "000", "027"),
        (b"\3\0\x1b", "005", "005"),
        (b"\3\1\x00", "", "256"),
        (b"027", "000", "027"),
        (b"\3\0\0", "000", ""),
        (b"000", "", ""),
        (b"\3", "", ""),
        (b"", "", ""),
    ],
)
def test_the_error_of_the_network_stands_in_for_the_text_s(
    octets: bytes, text_error: str, error: str
) -> None:
    text = f"id:7 stat:UNDELIV err:{text_error}"
    found = read_receipt(deliver(text, tlvs={0x423: octets}))
    assert found is not None
    assert found.error == error


@pytest.mark.parametrize(
    ("text", "is_usable"),
    [
        (FULL, True),
        ("id:7 stat:ENROUTE", True),
        ("id:7", False),
        ("stat:EXPIRED", False),
    ],
)
def test_a_receipt_is_usable_when_it_says_of_what_and_which_end(
    text: str, is_usable: bool
) -> None:
    found = read_receipt(deliver(text))
    assert found is not None
    assert found.is_usable == is_usable


def test_tlvs_alone_make_a_receipt() -> None:
    tlvs = {0x1E: b"abc", 0x427: b"\2"}
    found = read_receipt(deliver("", esm_class=0, tlvs=tlvs))
    assert found == ("abc", "delivered", "", "")


def test_the_text_may_be_in_message_payload() -> None:
    found = read_receipt(deliver("", tlvs={0x424: FULL.encode()}))
    assert found == ("0123456789", "delivered", "", "Hola")


@pytest.mark.parametrize("codec_name", ["utf-16-be", "ascii"])
def test_a_receipt_with_the_data_coding_of_ucs2_is_read(codec_name: str) -> None:
    found = read_receipt(codec.Deliver("1", "2", 4, 8, FULL.encode(codec_name), {}))
    assert found == ("0123456789", "delivered", "", "Hola")


def test_empty_tlvs_do_not_hide_the_text() -> None:
    tlvs = {0x1E: b"", 0x427: b""}
    found = read_receipt(deliver(FULL, tlvs=tlvs))
    assert found == ("0123456789", "delivered", "", "Hola")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (FULL, "Hola"),
        (
            "id:7 stat:DELIVRD err:000 Text:Su pedido esta listo ya",
            "Su pedido esta listo",
        ),
        ("id:7 stat:DELIVRD text: Hola, text:dos", "Hola, text:dos"),
        ("id:7 stat:DELIVRD text:uno\ndos", "unodos"),
        ("id:7 stat:DELIVRD text:", ""),
        ("id:7 stat:DELIVRD", ""),
        ("id:7 context:no stat:DELIVRD", ""),
    ],
    ids=lambda value: value[-12:],
)
def test_the_start_of_our_text_is_kept(text: str, start: str) -> None:
    found = read_receipt(deliver(text))
    assert found is not None
    assert found.text_start == start


@pytest.mark.parametrize(
    ("address", "digits"),
    [
        ("34600111222", "34600111222"),
        ("+34600111222", "34600111222"),
        ("", ""),
        ("Empresa", ""),
        ("+", ""),
        ("٣٤", ""),
    ],
)
def test_the_number_of_a_receipt_is_digits(address: str, digits: str) -> None:
    assert digits_of(address) == digits


@pytest.mark.parametrize("esm_class", [0x04, 0x44, 0x20])
def test_it_is_a_receipt_by_its_esm_class(esm_class: int) -> None:
    assert read_receipt(deliver("id:7 stat:ENROUTE", esm_class)) is not None


@pytest.mark.parametrize("esm_class", [0x00, 0x08, 0x10, 0x40])
def test_a_message_from_a_person_is_none(esm_class: int) -> None:
    assert read_receipt(deliver("id:7 stat:DELIVRD", esm_class)) is None


@pytest.mark.parametrize(
    ("form", "answered", "written", "stored"),
    [
        ("raw", "0012aF", "0012aF", "0012aF"),
        ("auto", "00ff", "0255", "00ff/0255"),
        ("hex_to_decimal", "ff", "255", "255"),
        ("hex_to_decimal", "00FF", "0255", "255"),
        ("hex_to_decimal", "f" * 20, str(16**20 - 1), str(16**20 - 1)),
        ("hex_to_decimal", "not-hex", "not-hex", "not-hex"),
        ("decimal_to_hex", "255", "ff", "255"),
        ("decimal_to_hex", "0255", "00FF", "255"),
        ("decimal_to_hex", "", "", ""),
    ],
)
def test_ids_meet_in_one_form(
    form: str, answered: str, written: str, stored: str
) -> None:
    of_answer, of_receipt = ID_FORMS[form]
    of_both = stored.split("/") * (1 if "/" in stored else 2)
    assert [of_answer(answered), of_receipt(written)] == of_both
