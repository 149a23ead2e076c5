"""The deb on a Debian 12 with a PBX's user: installed, upgraded, removed, purged."""

from __future__ import annotations

from tests.installing import life
from tests.installing.house import SERVICES, House
from tests.installing.steps import Steps, must

# There is no network: apt has what it needs here, or fails.
INSTALL = (
    "apt-get install --yes --no-install-recommends --reinstall"
    " --allow-downgrades /packages/{}.deb 2>&1"
    " && dpkg-query --show massivesms >/packages/version"
)
# Modules that setup switched on stay on: others may need them by now.
APACHES = {"etc/apache2/mods-enabled", "var/lib/apache2"}


def live(steps: Steps, house: House) -> None:
    """Every step; the first that fails is the last."""
    root = house.root
    root.run("useradd", "--system", "--no-create-home", "asterisk")
    before = root.files()
    with steps.step("deb", "installed by apt without a network, says what is next"):
        life.must_have_no_network()
        life.look_at_installation(house, root.shell(INSTALL.format("first")))
        root.run("dpkg", "--verify", "massivesms")
    with steps.step("deb", "systemd and logrotate find no fault in their files"):
        units = [f"/lib/systemd/system/{name}.service" for name in SERVICES]
        said = root.run("systemd-analyze", "verify", *units)
        must("massivesms" not in said, said)
        life.look_at_logrotate(house)
    with steps.step("deb", "massivesms setup makes it run"):
        root.run("massivesms", "setup")
        house.must_run()
    with steps.step("deb", "service start, stop and status mean what they say"):
        _start_and_stop(house)
    _send_and_upgrade(steps, house)
    with steps.step("deb", "removed: nothing runs, the configuration stays"):
        root.shell("apt-get remove --yes massivesms 2>&1")
        house.must_be_stopped()
        must(root.at("/etc/massivesms/massivesms.conf").exists(), "it is gone")
        must(not root.at("/usr/lib/massivesms").exists(), "programs are left")
    with steps.step("deb", "purged: nothing is left behind but the database"):
        said = root.shell("apt-get purge --yes massivesms 2>&1")
        must("DROP DATABASE massivesms" in said, f"it does not say so:\n{said}")
        life.left_behind(before, house, APACHES)
        must(house.count() == 2, "messages are lost")


def _send_and_upgrade(steps: Steps, house: House) -> None:
    with steps.step("deb", "a message arrives at the operator"):
        house.add_trunk()
        house.send("Hola desde el paquete")
    with steps.step("deb", "upgraded: data kept, service and pages run anew"):
        life.upgrade(house, INSTALL.format("second"), "-2")
        house.send("Hola después de actualizar")
    with steps.step("deb", "upgraded while stopped: stays stopped"):
        life.upgrade_what_is_stopped(house, INSTALL.format("second"))
    with steps.step("deb", "upgraded without the database: done, said, put right"):
        life.upgrade_without_database(house, INSTALL.format("second"))


def _start_and_stop(house: House) -> None:
    for name in SERVICES:
        house.root.run("service", name, "stop")
        house.root.run("service", name, "status", status=3)
    house.must_be_stopped()
    house.start()
    house.must_run()
