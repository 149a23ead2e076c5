"""The straight line: what draining a queue costs when only that is done.

Takes a thousand rows in one transaction, writes them to the SMSC, reads the
answers, books them in a second transaction, and so on; both commits are durable.
It has no routes, windows, limits, receipts, counts or care for anything that goes
wrong: it is what the product is divided by, and nobody should send with it.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Any

import pymysql

from scripts.benchmark.answering import BINDS, HEADER, SUBMIT_SM
from scripts.benchmark.texts import TEXT

DATABASE = "straight_line"
BATCH = 1000
FILL_BATCH = 5000
READ_OCTETS = 1 << 18
TABLE = """
CREATE TABLE straight (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  campaign_id INT UNSIGNED NOT NULL,
  state ENUM('waiting', 'taken', 'sent') NOT NULL DEFAULT 'waiting',
  number VARCHAR(16) CHARACTER SET ascii NOT NULL,
  text VARCHAR(500) NOT NULL,
  answer_id VARCHAR(65) CHARACTER SET ascii NULL,
  sent_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY queue (campaign_id, state, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
FILL = "INSERT INTO straight (campaign_id, number, text) VALUES (1, %s, %s)"
TAKE = f"""
SELECT id, number, text FROM straight WHERE campaign_id = 1 AND state = 'waiting'
ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"""  # noqa: S608
TAKEN = "UPDATE straight SET state = 'taken' WHERE id IN ({})"
SENT = """
UPDATE straight s JOIN (SELECT 0 AS id, '' AS answer UNION ALL VALUES {}) a
  ON a.id = s.id
SET s.state = 'sent', s.answer_id = a.answer, s.sent_at = UTC_TIMESTAMP(3)"""
LEFT = "SELECT COUNT(*) FROM straight WHERE state <> 'sent'"
# source and destination: type and plan of numbers, address; before the text.
BEFORE = b"\0\x05\0bench\0\x01\x01"
AFTER = b"\0" + bytes(9)
BIND = b"bench\0bench\0\0\x34\0\0\0"


@dataclass(frozen=True, slots=True)
class Straight:
    """One run of the straight line."""

    messages: int
    wall_s: float
    cpu_s: float

    @property
    def per_second(self) -> float:
        """Messages drained by the clock."""
        return self.messages / self.wall_s


def run(connect_args: dict[str, Any], port: int, messages: int) -> Straight:
    """Drains that many from a database of its own, which goes away afterwards."""
    db = pymysql.connect(**connect_args, charset="utf8mb4")
    with db, db.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        cursor.execute(f"USE {DATABASE}")
        cursor.execute(TABLE)
        _fill(db, messages)
        with socket.create_connection(("127.0.0.1", port)) as link:
            _bind(link)
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            _drain(db, link)
            wall_s = time.perf_counter() - wall_s
            cpu_s = time.process_time() - cpu_s
        cursor.execute(LEFT)
        left = cursor.fetchone()
        assert left == (0,), f"the straight line left {left} messages"
        cursor.execute(f"DROP DATABASE {DATABASE}")
    return Straight(messages, wall_s, cpu_s)


def _fill(db: Any, messages: int) -> None:
    with db.cursor() as cursor:
        for first in range(0, messages, FILL_BATCH):
            some = range(first, min(messages, first + FILL_BATCH))
            cursor.executemany(FILL, [(f"+346{n:08}", TEXT) for n in some])
            db.commit()


def _bind(link: socket.socket) -> None:
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(HEADER.pack(16 + len(BIND), BINDS[2], 0, 1) + BIND)
    assert link.recv(READ_OCTETS), "the SMSC closed the link"


def _drain(db: Any, link: socket.socket) -> None:
    with db.cursor() as cursor:
        first = 2
        while True:
            cursor.execute(TAKE)
            rows = cursor.fetchall()
            if not rows:
                db.commit()
                return
            cursor.execute(TAKEN.format(",".join([str(row[0]) for row in rows])))
            db.commit()
            link.sendall(_pdus(rows, first))
            answers = _answers(link, len(rows))
            sent = [f"({rows[n - first][0]},'{i}')" for n, i in answers]
            cursor.execute(SENT.format(",".join(sent)))
            db.commit()
            first += len(rows)


def _pdus(rows: tuple[Any, ...], first: int) -> bytes:
    pdus = []
    for sequence, (_, number, text) in enumerate(rows, start=first):
        octets = text.encode("ascii")
        body = BEFORE + number[1:].encode() + AFTER + bytes((len(octets),)) + octets
        head = HEADER.pack(16 + len(body), SUBMIT_SM, 0, sequence)
        pdus.append(head + body)
    return b"".join(pdus)


def _answers(link: socket.socket, count: int) -> list[tuple[int, str]]:
    """sequence_number and message_id of that many answers."""
    found: list[tuple[int, str]] = []
    rest = b""
    while len(found) < count:
        data = link.recv(READ_OCTETS)
        assert data, "the SMSC closed the link"
        rest += data
        at = 0
        while len(rest) - at >= 16:
            length, _, status, sequence = HEADER.unpack_from(rest, at)
            if len(rest) - at < length:
                break
            assert status == 0, f"answered with {status:#x}"
            found.append((sequence, rest[at + 16 : at + length - 1].decode("ascii")))
            at += length
        rest = rest[at:]
    return found
