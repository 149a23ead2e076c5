"""The rpm with its scriptlets: installed, upgraded, erased; without a PBX's user.

Debian plays Rocky Linux 8: one rpm says what the system provides, and note-takers are
chkconfig and systemctl; the latter has the init scripts do it. So what the scriptlets
ask of systemd is seen, though not what systemd makes of it.
"""

from __future__ import annotations

from tests.installing import life
from tests.installing.house import SERVICES, House
from tests.installing.root import Root
from tests.installing.steps import Steps, must

UPGRADE = (
    "rpm --upgrade --oldpackage /packages/{}.rpm 2>&1"
    " && rpm -q massivesms >/packages/version"
)
STAYS = {"etc/massivesms", "var/lib/massivesms", "var/log/massivesms"}
STAYS |= {"etc/sysconfig/massivesms", "etc/sysconfig"}
USERS = ["etc/passwd", "etc/shadow", "etc/group", "etc/gshadow"]
CHKCONFIG = '#!/bin/sh\necho "$*" >>/packages/chkconfig\n'
SYSTEMCTL = """#!/bin/sh
echo "$*" >>/packages/systemctl
case $1 in start | stop | status) exec /etc/init.d/${2%.service} $1 ;; esac
"""
DROP_IN = "/etc/systemd/system/{}.service.d/user.conf"


def live(steps: Steps, house: House) -> None:
    """Every step; the first that fails is the last."""
    root = house.root
    _play_red_hat(root)
    root.run("rpm", "--install", "/packages/system.rpm")
    before = root.files()
    with steps.step("rpm", "installed by rpm without a network, says what is next"):
        life.must_have_no_network()
        life.look_at_installation(house, root.shell(UPGRADE.format("first")))
        _verify(root)
        must(house.user() == "massivesms", f"without a PBX it is {house.user()}")
        for name in SERVICES:
            drop_in = root.at(DROP_IN.format(name)).read_text()
            must("User=massivesms" in drop_in, f"the unit {name} is not told so")
    with steps.step("rpm", "logrotate finds no fault in its file"):
        life.look_at_logrotate(house)
    with steps.step("rpm", "set up by hand, as the manual says, it runs"):
        house.set_up_by_hand()
        house.must_run()
    with steps.step("rpm", "a message arrives at the operator"):
        house.add_trunk()
        house.send("Hola desde el paquete")
    with steps.step("rpm", "upgraded: data kept, service and pages run anew"):
        life.upgrade(house, UPGRADE.format("second"), "-2.el8")
        house.send("Hola después de actualizar")
        _verify(root)
    with steps.step("rpm", "upgraded while stopped: stays stopped"):
        life.upgrade_what_is_stopped(house, UPGRADE.format("first"))
    with steps.step("rpm", "upgraded without the database: done, said, put right"):
        life.upgrade_without_database(house, UPGRADE.format("second"))
    with steps.step("rpm", "erased: nothing runs, only what is the user's stays"):
        said = root.shell("rpm --erase massivesms 2>&1")
        must("DROP DATABASE massivesms" in said, f"it does not say so:\n{said}")
        house.must_be_stopped()
        life.left_behind(_without_users(before), house, STAYS | set(USERS))
        must(house.count() == 2, "messages are lost")
        told = root.at("/packages/chkconfig").read_text().splitlines()
        must(told == [f"--del {name}" for name in SERVICES], f"chkconfig {told}")
        told = root.at("/packages/systemctl").read_text().splitlines()
        for name in SERVICES:
            must(f"--quiet disable {name}" in told, f"systemctl {told}")
        must(told[-1] == "daemon-reload", f"systemctl {told}")


def _play_red_hat(root: Root) -> None:
    """/etc/init.d lies in /etc/rc.d, and services are commanded as there."""
    root.write("/etc/redhat-release", "Rocky Linux release 8.10 (played by Debian)\n")
    root.shell("mkdir -p /etc/rc.d && mv /etc/init.d /etc/rc.d/")
    root.shell("ln -s rc.d/init.d /etc/init.d")
    root.shell("mv /usr/sbin/invoke-rc.d /usr/sbin/update-rc.d /root/")
    root.shell("rm -f /usr/sbin/adduser /etc/debian_version")
    root.write("/usr/sbin/chkconfig", CHKCONFIG, 0o755)
    root.write("/usr/bin/systemctl", SYSTEMCTL, 0o755)
    root.at("/run/systemd/system").mkdir(parents=True)


def _without_users(before: dict[str, str]) -> dict[str, str]:
    """The user that was made stays, as is the custom on Red Hat."""
    return {path: what for path, what in before.items() if path not in USERS}


def _verify(root: Root) -> None:
    """What lies there is what the package brought; owners are the scriptlet's."""
    said = root.shell("rpm --verify massivesms --nouser --nogroup")
    must(not said, said)
