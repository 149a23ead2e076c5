"""Owns PBXs to visit: our real PHP in the stubs' frameworks, served by php -S.

Each is built as `massivesms setup` installs it: menu and module folders of
packaging/ copied into the PBX's tree, the shared key beside.
"""

from __future__ import annotations

import http.cookiejar
import json
import shutil
import socket
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from scripts.demonstration.place import ROOT
from scripts.demonstration.processes import Child
from tests.pbx.handing_over import KEY
from tests.pbx.menumerge import Rights

ISSABEL = ROOT / "packaging" / "issabel"
FREEPBX = ROOT / "packaging" / "freepbx" / "massivesms"
STUBS = Path(__file__).parent / "stubs"
PASSWORD = "clave"
READY_WAIT_S = 30.0


class Site:
    """A PBX's web server: `url` is where its front door is."""

    def __init__(self, directory: Path, door: str) -> None:
        self.directory, self.door = directory, door
        self.key_file = directory.parent / f"{directory.name}.key"
        self.write_key(KEY)
        self.address = f"127.0.0.1:{_free_port()}"
        self.url = f"http://{self.address}"
        log = directory.parent / f"{directory.name}.log"
        now = ("-d", "opcache.enable=0")  # what a test has just written counts
        command = ["php", *now, "-S", self.address, "-t", str(directory)]
        self._server = Child("php", command, log, {"PATH": "/usr/bin:/bin"})
        self._server.wait_for(self._answers, READY_WAIT_S)

    def write_key(self, key: str) -> None:
        """The key that the page signs with."""
        self.key_file.write_text(key + "\n")
        self.key_file.chmod(0o640)

    def close(self) -> None:
        """Ends the server."""
        self._server.stop()

    @property
    def log(self) -> str:
        """What PHP said."""
        return self._server.output

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}{self.door}", timeout=10).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True


class Issabel(Site):
    """Issabel, or Elastix, with our module merged into its menu."""

    def __init__(self, directory: Path, flavour: str = "issabel") -> None:
        shutil.copytree(STUBS / "issabel", directory)
        shutil.copytree(ISSABEL / "modules", directory / "modules")
        self.rights = Rights(directory.parent)
        self.rights.merge(ISSABEL / "menu.xml")
        self.flavour = flavour
        self.speak("en", directory)
        super().__init__(directory, "/index.php")
        settings = directory / "modules/massivesms/configs/default.conf.php"
        text = settings.read_text()
        assert "/etc/massivesms/sso.key" in text
        settings.write_text(text.replace("/etc/massivesms/sso.key", str(self.key_file)))

    def speak(self, language: str, directory: Path | None = None) -> None:
        """The language of everybody's pages from now on."""
        acl, menu = self.rights.acl_file, self.rights.menu_file
        config = (directory or self.directory) / "configs" / "default.conf.php"
        config.parent.mkdir(exist_ok=True)
        config.write_text(
            f"<?php $arrConf = array('flavour' => '{self.flavour}',"
            f" 'language' => '{language}', '{self.flavour}_dsn' => array("
            f"'acl' => 'sqlite3:///{acl}', 'menu' => 'sqlite3:///{menu}'));"
        )

    def close(self) -> None:
        super().close()
        self.rights.close()


class FreePbx(Site):
    """FreePBX with our module; `world` is what its users and groups are."""

    def __init__(self, directory: Path) -> None:
        shutil.copytree(STUBS / "freepbx", directory)
        admin = directory / "admin"
        shutil.copytree(FREEPBX, admin / "modules" / "massivesms")
        (admin / "assets").mkdir()
        (admin / "assets" / "massivesms").symlink_to("../modules/massivesms/assets")
        self.world: dict[str, Any] = {"locale": "en_US", "users": {}, "groups": []}
        self._admin = admin
        self.tell()
        super().__init__(directory, "/admin/config.php")
        settings = admin / "modules" / "massivesms" / "settings.php"
        text = settings.read_text()
        assert "/etc/massivesms/sso.key" in text
        settings.write_text(text.replace("/etc/massivesms/sso.key", str(self.key_file)))

    def tell(self) -> None:
        """Gives the world to PHP."""
        (self._admin / "world.json").write_text(json.dumps(self.world))

    def add_user(
        self,
        name: str,
        *sections: str,
        id_: int | None = None,
        extension: str = "",
    ) -> None:
        """Somebody who may open these sections; with an id, of the User Manager."""
        self.world["users"][name] = {
            "password": PASSWORD,
            "id": id_,
            "sections": list(sections),
            "extension": extension,
        }
        self.tell()


class Visitor:
    """Somebody's browser without script, signed in to a PBX."""

    def __init__(self, site: Site, name: str) -> None:
        self._site = site
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        names = ("input_user", "input_pass")
        if isinstance(site, FreePbx):
            names = ("username", "password")
        fields = dict(zip(names, (name, PASSWORD), strict=True))
        self._open("?menu=none&display=none", urllib.parse.urlencode(fields).encode())

    def opens(self, entry: str) -> str:
        """The page of an entry of the menu, e.g. campaigns."""
        name = f"massivesms_{entry}"
        return self._open(f"?menu={name}&display={name}")

    def _open(self, query: str, data: bytes | None = None) -> str:
        url = f"{self._site.url}{self._site.door}{query}"
        with self._opener.open(url, data) as answer:
            return str(answer.read().decode())


class _Form(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("id") == "massivesms-handover":
            self.action = values["action"]
        elif tag == "input" and self.action:
            self.fields[values["name"]] = values["value"]


def handed_over(html: str) -> dict[str, str]:
    """The fields of the form in a page of the PBX."""
    form = _Form(html)
    assert form.action == "/massivesms/sso", html
    return form.fields


def said(html: str) -> dict[str, str]:
    """The words of the hand-over in a page of the PBX."""
    pairs = urllib.parse.parse_qsl(
        handed_over(html)["token"], keep_blank_values=True, strict_parsing=True
    )
    return dict(pairs)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
