"""Owns the web server in front of both: the PBX's pages and /massivesms/ on one host.

It is Apache with packaging/apache/massivesms.conf, as on a PBX. What was asked for,
and with which Referer, is in its log, so that tests can look for secrets.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from pathlib import Path

from scripts.demonstration.place import ROOT
from scripts.demonstration.processes import Child

OURS = ROOT / "packaging" / "apache" / "massivesms.conf"
LISTENS = "http://127.0.0.1:8093/"  # in our file, as `massivesms web` does
MODULES = ("mpm_event", "authz_core", "alias", "headers", "proxy", "proxy_http")
APACHE = "/usr/sbin/apache2"
READY_WAIT_S = 30.0


class Front:
    """Apache; `url` is the host that a browser sees."""

    def __init__(self, pbx: str, web: str, directory: Path) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._asked = directory / "asked.log"
        directory.mkdir()
        ours = OURS.read_text()
        assert LISTENS in ours
        (directory / "massivesms.conf").write_text(
            ours.replace(LISTENS, f"http://{web}/")
        )
        modules = [
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in MODULES
        ]
        main = [
            *modules,
            "User www-data\nGroup www-data",
            f"ServerName 127.0.0.1\nListen 127.0.0.1:{port}",
            f"DefaultRuntimeDir {directory}\nPidFile {directory}/apache.pid",
            "ErrorLog /dev/stderr",
            'LogFormat "%m %U%q\\t%{Referer}i" asked',
            f"CustomLog {self._asked} asked",
            f"Include {directory}/massivesms.conf",
            f"ProxyPass / http://{pbx}/\nProxyPassReverse / http://{pbx}/",
        ]
        conf = directory / "apache.conf"
        conf.write_text("\n".join(main) + "\n")
        command = [APACHE, "-DFOREGROUND", "-d", str(directory), "-f", str(conf)]
        self._apache = Child("apache", command, directory / "apache.log", {})
        self._apache.wait_for(self._answers, READY_WAIT_S)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The method with the target, and the Referer, of each request so far."""
        lines = self._asked.read_text(errors="replace").splitlines()
        return [
            (what, referer) for what, _, referer in (x.partition("\t") for x in lines)
        ]

    def close(self) -> None:
        """Takes nobody any more."""
        self._apache.stop()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/massivesms/sign-in", timeout=10).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
