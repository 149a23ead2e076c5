"""The PBX's address books, of four generations of PBXs: read and never written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pymysql
import pytest

from massivesms.config import PbxSettings
from massivesms.domain.address_books import Contact, Reader, read_search
from massivesms.domain.numbers import NumberPlan
from massivesms.errors import MassiveSmsError
from massivesms.store import address_books
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

#: The table contact as it grew; the columns that a test fills come first.
GENERATIONS = {
    "Elastix 0.9": "name, last_name, telefono",
    "Elastix 1": "name, last_name, telefono, iduser, email, extension",
    "Elastix 2": "name, last_name, telefono, iduser, status, email, picture",
    "Issabel": "name, last_name, telefono, iduser, status, directory, cell_phone,"
    " home_phone, fax1, company, department",
}
PEOPLE = {
    "Elastix 0.9": [("José", "Núñez", "600111222"), ("Ana", "", "600111333")],
    "Elastix 1": [("José", "Núñez", "600111222", 7), ("Ana", "", "600111333", 8)],
    "Elastix 2": [
        ("José", "Núñez", "600111222", 7, "isPrivate"),
        ("Ana", "", "600111333", 8, "isPrivate"),
        ("Ana Pública", None, "600111444", 8, "isPublic"),
    ],
    "Issabel": [
        ("José", "Núñez", "911", 7, "isPrivate", "external", "600111222", "912"),
        ("Ana", "", "600111333", 8, "isPrivate", "external", "", ""),
        ("Ana Pública", "", "", 8, "isPublic", "external", "", "600111444"),
        ("Ana Interna", "", "201", 8, "isPublic", "internal", "201", ""),
        ("Ana sin número", "", None, 8, "isPublic", "external", None, ""),
    ],
}
SPAIN = NumberPlan("34")
SEVEN = Reader("7")


def issabel(file: Path) -> PbxSettings:
    return PbxSettings("issabel", "", file)


def make(file: Path, generation: str) -> PbxSettings:
    with closing(sqlite3.connect(file)) as book, book:
        columns = GENERATIONS[generation]
        book.execute(f"CREATE TABLE contact (id INTEGER PRIMARY KEY, {columns})")
        for person in PEOPLE[generation]:
            names = ", ".join(columns.split(", ")[: len(person)])
            marks = ", ".join("?" * len(person))
            book.execute(f"INSERT INTO contact ({names}) VALUES ({marks})", person)
    return issabel(file)


def find(
    db: Database, pbx: PbxSettings, typed: str, reader: Reader = SEVEN
) -> list[Contact]:
    search = read_search(typed, SPAIN)
    assert search is not None
    return list(address_books.find(db, pbx, search, reader))


def names(found: list[Contact]) -> list[str]:
    return [contact.name for contact in found]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_generation_finds_by_name_and_number(
    db: Database, tmp_path: Path, generation: str
) -> None:
    pbx = make(tmp_path / "año #1?.db", generation)
    [jose] = find(db, pbx, "NUNEZ josé")
    assert (jose.name, jose.numbers[0]) == ("José Núñez", "600111222")
    assert names(find(db, pbx, "111 222")) == ["José Núñez"]
    assert names(find(db, pbx, "+34 600111222")) == ["José Núñez"]
    assert find(db, pbx, "nobody") == []


@pytest.mark.parametrize(
    ("generation", "own", "strangers"),
    [
        ("Elastix 0.9", ["Ana"], ["Ana"]),
        ("Elastix 1", [], []),
        ("Elastix 2", ["Ana Pública"], ["Ana Pública"]),
        ("Issabel", ["Ana Pública"], ["Ana Pública"]),
    ],
)
def test_nobody_sees_the_private_contacts_of_others(
    db: Database, tmp_path: Path, generation: str, own: list[str], strangers: list[str]
) -> None:
    pbx = make(tmp_path / "book.db", generation)
    assert names(find(db, pbx, "ana")) == own
    assert names(find(db, pbx, "ana", Reader())) == strangers
    jose = find(db, pbx, "jose", Reader())
    assert bool(jose) is (generation == "Elastix 0.9")


def test_the_cell_phone_goes_first(db: Database, tmp_path: Path) -> None:
    pbx = make(tmp_path / "book.db", "Issabel")
    [jose] = find(db, pbx, "jose")
    assert list(jose.numbers) == ["600111222", "911", "912"]


def test_a_search_is_no_pattern_and_no_sql(db: Database, tmp_path: Path) -> None:
    pbx = make(tmp_path / "book.db", "Issabel")
    for typed in ("%%", "__", "' OR 1=1 --", '"*"', "\\\\", "ana; DROP"):
        assert find(db, pbx, typed) == []


def test_broken_octets_are_shown_as_far_as_they_can_be(
    db: Database, tmp_path: Path
) -> None:
    file = tmp_path / "book.db"
    pbx = make(file, "Elastix 0.9")
    with closing(sqlite3.connect(file)) as book, book:
        book.execute("INSERT INTO contact (name, telefono) VALUES"
                     " (CAST(x'4D61C3F16F' AS TEXT), '600111555')")  # fmt: skip
    [found] = find(db, pbx, "600111555")
    assert found.name.startswith("Ma")


def test_the_file_is_not_written_even_while_the_pbx_writes_it(
    db: Database, tmp_path: Path
) -> None:
    file = tmp_path / "book.db"
    pbx = make(file, "Issabel")
    before = file.read_bytes(), sorted(tmp_path.iterdir())
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE contact SET name = 'Otro'")
        assert names(find(db, pbx, "jose")) == ["José Núñez"]
        writer.execute("ROLLBACK")
    assert (file.read_bytes(), sorted(tmp_path.iterdir())) == before


@pytest.mark.parametrize("what", ["missing", "folder", "garbage", "other", "cut"])
def test_a_book_that_cannot_be_read_is_said_with_its_file(
    db: Database, tmp_path: Path, what: str
) -> None:
    file = tmp_path / "book.db"
    if what == "folder":
        file.mkdir()
    elif what == "garbage":
        file.write_bytes(os.urandom(5000))
    elif what == "other":
        with closing(sqlite3.connect(file)) as book, book:
            book.execute("CREATE TABLE acl_user (id, name)")
    elif what == "cut":
        make(file, "Issabel")
        file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(MassiveSmsError) as refused:
        find(db, issabel(file), "ana")
    assert refused.value.problem.code == "address_book_unreadable"
    assert str(file) in str(refused.value)


# --- FreePBX ----------------------------------------------------------------------

FREEPBX = [
    "CREATE TABLE contactmanager_groups (id int PRIMARY KEY AUTO_INCREMENT, owner int,"
    " name varchar(80), type varchar(25))",
    "CREATE TABLE contactmanager_group_entries (id int PRIMARY KEY AUTO_INCREMENT,"
    " groupid int, user int, displayname varchar(100), fname varchar(100),"
    " lname varchar(100), company varchar(100))",
    "CREATE TABLE contactmanager_entry_numbers (id int PRIMARY KEY AUTO_INCREMENT,"
    " entryid int, number varchar(100), extension varchar(100), type varchar(100),"
    " flags varchar(100), E164 varchar(100))",
    "INSERT INTO contactmanager_groups VALUES (1, -1, 'All', 'external'),"
    " (2, 7, 'Mine', 'private'), (3, 8, 'Theirs', 'private')",
    "INSERT INTO contactmanager_group_entries VALUES"
    " (1, 1, -1, 'José Núñez', 'José', 'Núñez', 'Taller'),"
    " (2, 2, -1, '', 'Ana', 'Siete', ''), (3, 3, -1, 'Ana Ocho', '', '', ''),"
    " (4, 1, -1, 'Ana sin número', '', '', ''), (5, 1, -1, '', '', '', 'Ana S.A.')",
    "INSERT INTO contactmanager_entry_numbers (entryid, number, type, flags, E164)"
    " VALUES (1, '91 122 33 44', 'work', '', NULL), (1, '600-111-222', 'cell', '',"
    " '+34600111222'), (1, '699', 'other', 'sms|fax', ''), (2, '600111333', 'cell',"
    " '', ''), (3, '600111444', 'cell', '', ''), (5, '600111555', 'cell', '', '')",
]
OLD_FREEPBX = (
    "ALTER TABLE contactmanager_entry_numbers DROP COLUMN E164, DROP COLUMN flags",
    "ALTER TABLE contactmanager_group_entries DROP COLUMN displayname,"
    " CONVERT TO CHARACTER SET latin1",
)
Ask = Callable[[str], None]


@pytest.fixture
def freepbx(mariadb: PrivateMariaDB) -> Iterator[Ask]:
    mariadb.create_database("freepbx_book")
    with pymysql.connect(
        **mariadb.connect_args, database="freepbx_book", autocommit=True
    ) as connection:

        def ask(sql: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql)

        for sql in FREEPBX:
            ask(sql)
        yield ask
    mariadb.drop_database("freepbx_book")


CONTACT_MANAGER = PbxSettings("freepbx", "freepbx_book", Path("/nowhere"))


def test_the_contact_manager_finds_by_name_and_number(
    db: Database, freepbx: Ask
) -> None:
    [jose] = find(db, CONTACT_MANAGER, "NUNEZ josé")
    assert jose == Contact("José Núñez", ["699", "+34600111222", "91 122 33 44"])
    assert names(find(db, CONTACT_MANAGER, "+34 600 111 222")) == ["José Núñez"]
    assert names(find(db, CONTACT_MANAGER, "taller")) == ["José Núñez"]
    for typed in ("%%", "__", "' OR 1=1 --"):
        assert find(db, CONTACT_MANAGER, typed) == []


def test_everybodys_groups_and_the_readers_own(db: Database, freepbx: Ask) -> None:
    assert names(find(db, CONTACT_MANAGER, "ana")) == ["Ana S.A.", "Ana Siete"]
    assert names(find(db, CONTACT_MANAGER, "ana", Reader())) == ["Ana S.A."]


def test_an_old_contact_manager_is_read_too(db: Database, freepbx: Ask) -> None:
    for sql in OLD_FREEPBX:
        freepbx(sql)
    [jose] = find(db, CONTACT_MANAGER, "nunez")
    assert jose.name == "José Núñez"
    assert jose.numbers[0] == "600-111-222"
    assert names(find(db, CONTACT_MANAGER, "600 111")) == [
        "Ana S.A.",
        "Ana Siete",
        "José Núñez",
    ]


@pytest.mark.parametrize("name", ["no_such_database", "x`; DROP TABLE user"])
def test_a_contact_manager_that_is_not_there_says_what_to_do(
    db: Database, name: str
) -> None:
    with pytest.raises(MassiveSmsError, match="massivesms setup"):
        find(db, PbxSettings("freepbx", name, Path("/nowhere")), "ana")
