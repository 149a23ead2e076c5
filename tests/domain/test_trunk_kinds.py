"""The settings of each kind of trunk: defaults, aliases, refusals."""

from __future__ import annotations

import pytest

from massivesms.domain.trunk_kinds import KINDS, check_settings, complete, kind_named
from massivesms.domain.words import Problem

SMPP, SCRIPT = KINDS["smpp"], KINDS["script"]
GIVEN = {"host": "smsc.example", "system_id": "ana"}


def test_what_is_left_out_gets_its_default() -> None:
    found = check_settings(SMPP, GIVEN)
    assert found == {
        "host": "smsc.example", "port": "2775", "system_id": "ana", "password": "",
        "system_type": "", "bind_mode": "transceiver", "binds": "1", "window": "10",
        "tls": "no", "tls_verify": "yes", "tls_ca": "", "receipts": "yes",
        "receipts_for": "all", "receipt_ids": "auto", "default_alphabet": "gsm7",
        "long_messages": "udh8", "source_ton": "auto", "source_npi": "auto",
        "dest_ton": "auto", "dest_npi": "auto", "service_type": "",
        "protocol_id": "0", "priority_flag": "0", "address_range": "",
        "status_overrides": "", "answer_timeout_s": "60", "enquire_link_s": "25",
        "validity_hours": "24",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "entered", "stored"),
    [
        ("bind_mode", "trx", "transceiver"),
        ("bind_mode", "TX", "transmitter"),
        ("bind_mode", "Pair", "pair"),
        ("bind_mode", "tx+rx", "pair"),
        ("binds", "16", "16"),
        ("validity_hours", "0", "0"),
        ("long_messages", "payload", "payload"),
        ("tls_verify", "no", "no"),
        ("status_overrides", "0x45=fail, 1025=retry", "0x45=fail, 1025=retry"),
        ("tls", "on", "yes"),
        ("tls", "0", "no"),
        ("receipts", "sí", "yes"),
        ("receipts", "FALSE", "no"),
        ("port", " 3550 ", "3550"),
        ("window", "5000", "5000"),
        ("source_ton", "5", "5"),
        ("password", "longer-than-8", "longer-than-8"),
        ("port", "", "2775"),
    ],
)
def test_a_setting_may_be_written_in_several_ways(
    key: str, entered: str, stored: str
) -> None:
    assert check_settings(SMPP, {**GIVEN, key: entered})[key] == stored


@pytest.mark.parametrize(
    ("key", "entered", "code"),
    [
        ("host", "", "setting_missing"),
        ("system_id", "", "setting_missing"),
        ("system_id", "x" * 16, "setting_too_long"),
        ("password", "p" * 65, "setting_too_long"),
        ("system_type", "x" * 13, "setting_too_long"),
        ("host", "a\0b", "setting_characters"),
        ("host", "a\nb", "setting_characters"),
        ("port", "0", "setting_integer"),
        ("port", "65536", "setting_integer"),
        ("port", "27.75", "setting_integer"),
        ("port", "٢٧", "setting_integer"),
        ("window", "0", "setting_integer"),
        ("window", "5001", "setting_integer"),
        ("tls", "maybe", "setting_yes_no"),
        ("bind_mode", "rx", "setting_choice"),
        ("source_ton", "7", "setting_choice"),
        ("dest_npi", "2", "setting_choice"),
        ("binds", "0", "setting_integer"),
        ("binds", "17", "setting_integer"),
        ("answer_timeout_s", "1", "setting_integer"),
        ("enquire_link_s", "0", "setting_integer"),
        ("protocol_id", "256", "setting_integer"),
        ("priority_flag", "4", "setting_integer"),
        ("service_type", "toolong", "setting_too_long"),
        ("long_messages", "udh", "setting_choice"),
        ("receipts_for", "some", "setting_choice"),
        ("status_overrides", "0x45", "override_form"),
        ("status_overrides", "0x45=explode", "override_decision"),
        ("password", "5 €", "setting_wire_characters"),
        ("tls_ca", "/etc/ssl/own.pem", "setting_tls_ca"),
        ("colour", "red", "trunk_setting_unknown"),
    ],
)
def test_a_wrong_setting_is_refused_by_key(key: str, entered: str, code: str) -> None:
    problem = check_settings(SMPP, {**GIVEN, key: entered})[key]
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_a_script_needs_its_name_only() -> None:
    assert check_settings(SCRIPT, {"script": "send"}) == {
        "script": "send", "timeout_s": "30", "concurrency": "1",
        "legacy_entities": "no",
    }  # fmt: skip


def test_the_password_is_the_secret() -> None:
    assert SMPP.secret_keys == {"password"}
    assert SCRIPT.secret_keys == frozenset()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_default_passes_its_own_check(kind: object) -> None:
    values = {"port": "/dev/ttyUSB0", "url": "https://api.example/"}
    settings = kind.settings  # type: ignore[attr-defined]
    required = [s.key for s in settings if s.required or s.key == "devices"]
    given = {key: values.get(key, "x") for key in required}
    found = check_settings(kind, given)  # type: ignore[arg-type]
    assert not [v for v in found.values() if isinstance(v, Problem)]


@pytest.mark.parametrize(
    ("kind", "preset"),
    [(kind, preset) for kind in KINDS.values() for preset in kind.presets],
    ids=lambda value: value.name,
)
def test_a_preset_fills_settings_that_exist(kind: object, preset: object) -> None:
    keys = {s.key for s in kind.settings}  # type: ignore[attr-defined]
    assert set(preset.values) <= keys  # type: ignore[attr-defined]


def test_an_unknown_kind_names_the_known() -> None:
    found = kind_named("pigeon")
    assert isinstance(found, Problem)
    assert "pigeon" in found.text
    assert "smpp, http, script" in found.text
    assert kind_named("smpp") is SMPP


def test_settings_stored_by_an_older_version_are_completed() -> None:
    old = {**GIVEN, "window": "7", "gone_since": "x"}
    found = complete("smpp", old)
    assert found.items() >= old.items(), "what is stored stays"
    assert set(found) == {s.key for s in SMPP.settings} | {"gone_since"}
    assert found["port"] == "2775"
    assert complete("pigeon", {"a": "b"}) == {"a": "b"}
    assert not complete("smpp", {}).keys() & GIVEN.keys(), "nobody can guess those"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"tls": "no"}, "set tls too"),
        ({"tls": "yes", "tls_verify": "no"}, "not checked"),
        ({"tls": "yes", "tls_ca": "own.pem"}, "whole path"),
        ({"tls": "yes"}, None),
    ],
)
def test_an_authority_is_for_checked_connections(
    more: dict[str, str], says: str | None
) -> None:
    found = check_settings(SMPP, {**GIVEN, "tls_ca": "/etc/own.pem", **more})["tls_ca"]
    if says is None:
        assert found == "/etc/own.pem"
    else:
        assert isinstance(found, Problem)
        assert says in found.text


def test_what_does_not_fit_together_is_asked_only_of_settings_that_each_fit() -> None:
    found = check_settings(SMPP, {**GIVEN, "port": "x", "status_overrides": "x"})
    assert set(found) == {"port"}


@pytest.mark.parametrize(
    ("key", "value", "is_accepted"),
    [
        pytest.param("port", "/dev/serial/by-id/usb-HUAWEI:1.0-port0", True, id="id"),
        pytest.param("port", "/etc/passwd", False, id="not in /dev"),
        pytest.param("port", "/dev/../etc/passwd", False, id="out of /dev"),
        pytest.param("port", "COM3", False, id="of another system"),
        pytest.param("pin", "0000", True, id="PIN"),
        pytest.param("pin", "12a4", False, id="PIN with letters"),
        pytest.param("imei", "861234567890123", True, id="IMEI"),
        pytest.param("imei", "86123456789012", False, id="a short IMEI"),
        pytest.param("centre", "+58412000", True, id="centre"),
        pytest.param("centre", "58 412", False, id="centre with blanks"),
        pytest.param("init", "AT+CFUN=1", True, id="command"),
        pytest.param("init", "+CFUN=1", False, id="no command"),
        pytest.param("storage", "ME", True, id="storage"),
    ],
)
def test_settings_of_a_modem_are_checked(
    key: str, value: str, is_accepted: bool
) -> None:
    found = check_settings(KINDS["modem"], {"port": "/dev/ttyUSB0", key: value})
    assert isinstance(found[key], str) is is_accepted


@pytest.mark.parametrize(
    ("key", "value", "driver", "is_accepted"),
    [
        pytest.param("devices", "dongle0, gsm-1 x.2", "dongle", True, id="devices"),
        pytest.param("devices", "", "dongle", False, id="no device"),
        pytest.param("devices", "", "sip", True, id="SIP has none"),
        pytest.param("devices", "dongle0; core stop", "dongle", False, id="a command"),
        pytest.param("devices", " ".join(f"d{n}" for n in range(33)), "quectel", False,
                     id="too many"),
        pytest.param("host", "pbx.example", "dongle", True, id="name"),
        pytest.param("host", "[::1]", "dongle", True, id="IPv6"),
        pytest.param("host", "http://pbx", "dongle", False, id="address of the web"),
        pytest.param("sip_to", "pjsip:p/sip:{e164}@h", "sip", True, id="URI"),
        pytest.param("sip_to", "{number}", "sip", False, id="no technology"),
        pytest.param("sip_to", "pjsip:200", "sip", False, id="always the same"),
        pytest.param("sip_to", "pjsip:{text}", "sip", False, id="unknown token"),
        pytest.param("sip_to", "anything", "dongle", True, id="not used"),
        pytest.param("sip_from", "sip:{sender}@h", "sip", True, id="sender"),
        pytest.param("sip_from", "{user}", "sip", False, id="unknown in sender"),
        pytest.param("secret", "", "dongle", False, id="no secret"),
        pytest.param("driver", "pigeon", "dongle", False, id="driver"),
    ],
)  # fmt: skip
def test_settings_of_an_asterisk_are_checked(
    key: str, value: str, driver: str, is_accepted: bool
) -> None:
    given = {"user": "ana", "secret": "x", "devices": "dongle0", "driver": driver}
    found = check_settings(KINDS["asterisk"], given | {key: value})
    assert isinstance(found[key], str) is is_accepted
