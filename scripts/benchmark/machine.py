"""What the figures were measured on: without it they say nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pymysql

from tests.servers.mariadb import PrivateMariaDB


def machine(server: PrivateMariaDB, directory: Path) -> dict[str, object]:
    """Processor, system, database and Python, and how busy it was at the start."""
    with pymysql.connect(**server.connect_args) as db, db.cursor() as cursor:
        cursor.execute("SELECT VERSION(), @@innodb_buffer_pool_size")
        version, pool_bytes = cursor.fetchone() or ("", 0)
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(_memory_bytes() / 1e9),
        "kernel": platform.release(),
        "file_system": _file_system(directory),
        "mariadb": version,
        "buffer_pool_gb": round(pool_bytes / 2**30, 2),
        "python": platform.python_version(),
        "load_1_minute": round(os.getloadavg()[0], 2),
    }


def line(of: dict[str, object]) -> str:
    """The machine in one line."""
    return (
        f"{of['cpu']}, {of['cores']} cores, {of['memory_gb']} GB, "
        f"Linux {of['kernel']} on {of['file_system']}, MariaDB {of['mariadb']} with "
        f"{of['buffer_pool_gb']} GB of buffer pool, Python {of['python']}, "
        f"load {of['load_1_minute']} at the start"
    )


def _processor() -> str:
    for told in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, model = told.partition(":")
        if name.strip() == "model name":
            return " ".join(model.split())
    return platform.machine()


def _memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _file_system(directory: Path) -> str:
    """Its kind, e.g. ext4; on tmpfs nothing is durable and no figure counts."""
    found = (0, "?")
    for mount in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = mount.split()
        if directory.is_relative_to(fields[4]):
            kind = fields[fields.index("-") + 1]
            found = max(found, (len(fields[4]), kind))
    return found[1]
