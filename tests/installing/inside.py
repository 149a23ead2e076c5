"""The life of one package, in namespaces of its own: python -m ... deb|rpm FILE DIR.

DIR has the packages and the root's archive; each step goes to FILE. There is no
network but the loopback, and every process and mount ends with this one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fakes.smsc import Behaviour, Smsc
from tests.installing import deb, rpm
from tests.installing.house import House
from tests.installing.root import Root
from tests.installing.steps import Steps
from tests.servers.mariadb import PrivateMariaDB

LIVES = {"deb": deb.live, "rpm": rpm.live}


def main(kind: str, file: str, given: str) -> None:
    """Every step; the exit status is 1 when one did not hold."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    directory = Path(given)
    root = Root(directory / "root")
    steps = Steps(Path(file))
    with steps.step(kind, "a system without massivesms is unpacked"):
        root.unpack(directory / "root.tar")
        root.bind(directory / "packages", "/packages")
    with PrivateMariaDB() as db, Smsc(Behaviour()) as smsc:
        LIVES[kind](steps, House(root, db, smsc))


if __name__ == "__main__":
    main(*sys.argv[1:])
