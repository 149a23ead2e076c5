"""Call records: millions of calls into a list, against bare SELECT DISTINCT.

The calls lie in a table as FreePBX 17 makes it, with its indexes and no others. The
list is made by the command line, the whole of its process counted; the bare
statement reads the same table from end to end and throws the numbers away.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from scripts.benchmark.drain import must_be
from scripts.benchmark.house import House, Installation, value
from scripts.benchmark.processes import watched
from scripts.demonstration.place import DemoFailed

DATABASE = "asteriskcdrdb"
ROWS_AT_ONCE = 250_000

TABLE = """
CREATE TABLE cdr (
  calldate datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
  dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
  channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
  lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '',
  duration int(11) NOT NULL DEFAULT 0, billsec int(11) NOT NULL DEFAULT 0,
  disposition varchar(45) NOT NULL DEFAULT '', amaflags int(11) NOT NULL DEFAULT 0,
  accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
  userfield varchar(255) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
  recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
  cnam varchar(80) NOT NULL DEFAULT '', outbound_cnum varchar(80) NOT NULL DEFAULT '',
  outbound_cnam varchar(80) NOT NULL DEFAULT '',
  dst_cnam varchar(80) NOT NULL DEFAULT '', linkedid varchar(32) NOT NULL DEFAULT '',
  peeraccount varchar(80) NOT NULL DEFAULT '', sequence int(11) NOT NULL DEFAULT 0,
  KEY calldate (calldate), KEY dst (dst), KEY accountcode (accountcode),
  KEY uniqueid (uniqueid), KEY did (did), KEY recordingfile (recordingfile(191)),
  KEY linkedid (linkedid), KEY sequence (sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
GRANT = f"GRANT SELECT ON {DATABASE}.* TO calls@localhost"  # as setup does
#: Five rows for two calls. Of the calls 7 of 10 come in, from mobiles (70 %), fixed
#: lines and hidden numbers; in each pair one telephone rings after the other.
FILL = """
INSERT INTO cdr (calldate, clid, src, dst, dcontext, channel, dstchannel, lastapp,
  lastdata, duration, billsec, disposition, uniqueid, did, recordingfile, cnum,
  outbound_cnum, linkedid, sequence)
SELECT TIMESTAMP('2021-01-01') + INTERVAL n * 30 + CRC32(n) MOD 20 SECOND,
  CONCAT('"', src, '" <', src, '>'), src, dst, IF(inward, 'ext-group', 'from-internal'),
  CONCAT('PJSIP/', IF(inward, 'trunk', '101'), '-', LPAD(HEX(n), 8, '0')),
  CONCAT('PJSIP/', dst, '-', LPAD(HEX(n + 1), 8, '0')), 'Dial',
  CONCAT('PJSIP/', dst, '/sip:', dst, '@10.0.0.5:5060,,HhTtrM'), 5 + h MOD 200,
  IF(answered, h MOD 180, 0),
  IF(answered, 'ANSWERED', IF(h MOD 3, 'NO ANSWER', 'BUSY')), id,
  IF(inward, CONCAT('91000000', h MOD 5), ''),
  IF(answered, CONCAT('in-', dst, '-', src, '-', id, '.wav'), ''), src,
  IF(inward, '', '910000000'), id, n
FROM (
  SELECT n, h, inward, CONCAT(1609459200 + one * 75, '.', one) AS id,
    h MOD 10 < 8 AND n MOD 5 IN (0, 2, 4) AS answered,
    IF(inward, CASE WHEN h MOD 100 < 70
        THEN CONCAT('6', LPAD(CRC32(h MOD 800000) MOD 100000000, 8, '0'))
      WHEN h MOD 100 < 95
        THEN CONCAT('9', LPAD(CRC32(h MOD 300000) MOD 100000000, 8, '0'))
      ELSE '' END, 100 + h MOD 80) AS src,
    IF(inward, 100 + n MOD 80,
      CONCAT('6', LPAD(CRC32(h MOD 500000) MOD 100000000, 8, '0'))) AS dst
  FROM (
    SELECT seq AS n, seq * 2 DIV 5 AS one, CRC32(CONCAT('c', seq * 2 DIV 5)) AS h,
      CRC32(CONCAT('i', seq * 2 DIV 5)) MOD 10 < 7 AS inward
    FROM seq_{first}_to_{last}) numbered) calls"""
MOBILES = """
SELECT COUNT(DISTINCT src) FROM cdr WHERE LEFT(src, 1) = '6' AND LENGTH(src) = 9"""
BARE = "SELECT DISTINCT src FROM cdr"
SHAPE = """
SELECT GROUP_CONCAT(index_name, column_name ORDER BY index_name)
FROM information_schema.statistics WHERE table_name = 'cdr'"""
INCLUDED = "SELECT included FROM list WHERE name = %s"
EMPTY_CONTACT = "TRUNCATE TABLE contact"


def measure(house: House, rows: int, runs: int) -> dict[str, Any]:
    """`calls` as it stands in the JSON."""
    installation = house.installation("calls")
    house.server.create_database(DATABASE)
    root = {**house.server.connect_args, "database": DATABASE, "autocommit": True}
    with pymysql.connect(**root) as cdr:
        value(cdr, GRANT)
        fill(cdr, rows)
        mobiles, shape = value(cdr, MOBILES), value(cdr, SHAPE)
        found = [_run(installation, cdr, n, mobiles) for n in range(1, runs + 1)]
        if value(cdr, SHAPE) != shape:
            raise DemoFailed("the indexes of the call records were altered")
    medians = {name: median(one[name] for one in found) for name in found[0]}
    return {"calls": {"rows": rows, "numbers": mobiles, **medians, "runs": found}}


def fill(cdr: pymysql.Connection[Any], rows: int) -> None:
    """The table of five years of a PBX, in the order in which calls come."""
    with cdr.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")  # as the PBX: it takes the zero date
        cursor.execute(TABLE)
        for first in range(1, rows + 1, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE - 1, rows)
            cursor.execute(FILL.format(first=first, last=last))
        cursor.execute("ANALYZE TABLE cdr")


def _run(
    installation: Installation, cdr: pymysql.Connection[Any], n: int, mobiles: int
) -> dict[str, float]:
    name = f"callers {n}"
    bare_s = _bare(cdr)
    list_s, list_mb = _command(installation, name)
    missed_s, missed_mb = _command(installation, "none", "--missed", "--count")
    with installation.connect() as db:
        must_be(mobiles, "in the list", value(db, INCLUDED, name))
        value(db, EMPTY_CONTACT)
    return {
        "ratio": bare_s / list_s,
        "list_s": list_s,
        "missed_count_s": missed_s,
        "bare_s": bare_s,
        "rss_mb_max": max(list_mb, missed_mb),
    }


def _command(installation: Installation, name: str, *more: str) -> tuple[float, float]:
    """Seconds and most memory of a command that reads the call records."""
    process = installation.begin("list", "create", name, "--cdr", *more)
    return watched(process)


def _bare(cdr: pymysql.Connection[Any]) -> float:
    began_s = time.monotonic()
    with cdr.cursor(SSCursor) as cursor:
        cursor.execute(BARE)
        while cursor.fetchmany(10_000):
            continue
    return time.monotonic() - began_s
