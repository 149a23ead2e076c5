"""Uploads: whatever is sent as a CSV file, one clear answer, little memory, soon.

Sent to the real server, which has its workers' memory measured. Hostile
workbooks are in tests/intake/test_book_limits.py.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store.db import Database
from massivesms_web import MAX_UPLOAD
from tests.servers.mariadb import PrivateMariaDB
from tests.web.conftest import PASSWORD, add_user
from tests.web.security.visitor import Visitor, server
from tests.web.sending import spain

MB = 1024 * 1024
MOST_MEMORY_MB = 300
MOST_SECONDS = 10.0

FILES = {
    "a line of 49 MB": (lambda: b"600111222\n" + b"x" * (49 * MB), "too long"),
    "a million columns": (
        lambda: b"number" + b";" * 1_000_000 + b"\n600111222" + b";" * 1_000_000,
        "No row of the file has a phone number",
    ),
    "only NULs": (lambda: b"\0" * (20 * MB), "not a text file"),
    "NULs in between": (lambda: b"600111222\n\x00\x00\n600111223\n" * 1000, ""),
    "UTF-16 without its end": (
        lambda: b"\xff\xfe" + "600111222\n6001112".encode("utf-16-le") + b"\x32", ""
    ),
    "UTF-16 without a line's end": (
        lambda: b"\xff\xfe" + "6".encode("utf-16-le") * (10 * MB), "too long"
    ),
    "quotes without an end": (lambda: b'"' * (5 * MB), "field-error"),
    "a million open quotes": (lambda: b'"a\n' * 1_000_000, ""),
    "a zip bomb's beginning": (lambda: b"PK\x03\x04" + b"\0" * (5 * MB), "damaged"),
    "billion laughs": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">]>', "HTML/XML"
    ),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * MB, "PNG"),
    "nothing": (lambda: b"", "empty"),
}  # fmt: skip


@pytest.fixture(scope="module")
def house(
    schema: PrivateMariaDB, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Visitor, int]]:
    """A visitor who has signed in at a real server, and the server's pid."""
    directory = tmp_path_factory.mktemp("uploads")
    file = directory / "massivesms.conf"
    file.write_text(
        f"[database]\nsocket = {schema.socket_path}\nuser = root\nname = massivesms\n"
        f"[service]\nlog_dir = {directory}/log\nrun_dir = {directory}\n"
        f"[web]\nlisten = 127.0.0.1:0\nsecret_key_file = {directory}/secret.key\n"
    )
    config: Config = configuration.load(file)
    db = Database(config.database)
    with db.transaction() as tx:
        for table in ("web_session", "sign_in_attempt", "user"):
            tx.execute(f"DELETE FROM {table}")
    spain(db)
    add_user(db, "eva", "administrator")
    with server(config) as (url, pid):
        visitor = Visitor(url)
        assert visitor.sign_in("eva", PASSWORD) == 200
        yield visitor, pid
    db.close()


def peak_mb(pid: int) -> float:
    """The most memory that a worker of the server has ever had."""
    peaks = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text:
            peaks.append(int(text.split("VmHWM:")[1].split()[0]) / 1024)
    assert peaks
    return max(peaks)


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_gets_one_clear_answer(
    house: tuple[Visitor, int], what: str
) -> None:
    visitor, pid = house
    make, said = FILES[what]
    values = {"name": f"List {what}", "source": "file"}
    began = time.monotonic()
    status = visitor.upload("/lists/new", values, "x.csv", make())
    took = time.monotonic() - began
    assert status in (200, 400, 422), (status, visitor.last[:500])
    assert said in visitor.last, visitor.last[-3000:]
    assert took < MOST_SECONDS
    assert peak_mb(pid) < MOST_MEMORY_MB


def test_more_than_55_mb_are_refused_before_they_are_sent(
    house: tuple[Visitor, int],
) -> None:
    visitor, _pid = house
    assert MAX_UPLOAD == 55 * MB
    host = visitor.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.putrequest("POST", "/lists/new")
    connection.putheader("Content-Length", str(56 * MB))
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413 and b"50 MB" in answer.read()
    connection.close()


def test_a_form_of_ten_thousand_fields_is_refused(
    house: tuple[Visitor, int],
) -> None:
    visitor, _pid = house
    values = {f"field{n}": "x" for n in range(10_000)}
    assert visitor.upload("/lists/new", values, "x.csv", b"600111222") in (
        400,
        413,
        422,
    )
