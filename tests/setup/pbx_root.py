"""Owns a small system below a directory: the files of a PBX and recording programs.

The programs are real scripts that note how they were called and leave the traces
that the real ones leave (links, states), so that a second look sees them.
"""

from __future__ import annotations

from pathlib import Path

PACKAGING = Path(__file__).parents[2] / "packaging"

RECORD = """#!/bin/sh
# Notes its call, fails when it is told to, and then does what follows.
here={here}
echo "${{0##*/}} $*" >>"$here/calls"
if [ -f "$here/fails-${{0##*/}}" ]; then
    cat "$here/fails-${{0##*/}}" >&2
    exit 3
fi
cd "$here/.." || exit 1
"""
#: What each program leaves behind, below the root.
TRACES = {
    "a2enmod": """mkdir -p etc/apache2/mods-enabled
: >"etc/apache2/mods-enabled/$2.load" """,
    "a2enconf": (
        "mkdir -p etc/apache2/conf-enabled;"
        ' ln -sf "../conf-available/$2.conf" "etc/apache2/conf-enabled/$2.conf"'
    ),
    "apachectl": ":",
    "update-rc.d": (
        'if [ "$1" = -f ]; then rm -f etc/rc*.d/S??"$2"; else'
        ' mkdir -p etc/rc2.d; ln -sf "../init.d/$1" "etc/rc2.d/S19$1"; fi'
    ),
    "chkconfig": (
        'if [ "$1" = --del ]; then rm -f etc/rc.d/rc*.d/S??"$2"; else'
        ' mkdir -p etc/rc.d/rc3.d; ln -sf "../init.d/$2" "etc/rc.d/rc3.d/S91$2"; fi'
    ),
    "service": (
        'case $2 in start) : >"tools/runs-$1" ;; stop) rm -f "tools/runs-$1" ;;'
        ' status) [ -f "tools/runs-$1" ] || exit 3 ;; esac'
    ),
    "systemctl": """case $1 in
start) : >"tools/runs-$2" ;;
stop) rm -f "tools/runs-$2" ;;
enable) : >"tools/boots-$2" ;;
disable) rm -f "tools/boots-$2" ;;
is-active) [ -f "tools/runs-$2" ] && echo active || exit 3 ;;
is-enabled) [ -f "tools/boots-$2" ] && echo enabled || exit 1 ;;
esac""",
    "issabel-menumerge": 'mkdir -p var/www/db; cat "$1" >>var/www/db/menu.db',
    "issabel-menuremove": ": >var/www/db/menu.db",
    "elastix-menumerge": 'mkdir -p var/www/db; cat "$1" >>var/www/db/menu.db',
    "elastix-menuremove": ": >var/www/db/menu.db",
    "fwconsole": (
        '[ "$2" = install ] && version=1.0 && enabled=1;'
        ' [ "$2" = uninstall ] && version= && enabled=0;'
        ' mariadb --no-defaults --user=root --socket="$(cat tools/socket)" asterisk'
        " -e \"REPLACE INTO modules VALUES ('$3', '$version', $enabled)\""
    ),
}
AMP = {
    "AMPDBUSER": "freepbxuser",
    "AMPDBPASS": "it's \\ secret",
    "AMPDBHOST": "localhost",
    "AMPDBNAME": "asterisk",
    "AMPDBENGINE": "mysql",
}


class PbxRoot:
    """A root directory of a PBX; `calls` are the programs that were run in it."""

    def __init__(self, path: Path, socket: Path, tools: tuple[str, ...]) -> None:
        self.path = path
        self._tools = path / "tools"
        for folder in ("etc", "usr/sbin", "usr/bin", "tools", "usr/share"):
            (path / folder).mkdir(parents=True)
        (self._tools / "socket").write_text(str(socket))
        for name in ("mkdir", "ln", "rm", "cat", "mariadb"):
            (path / "usr/bin" / name).symlink_to(f"/usr/bin/{name}")
        for name in tools:
            self.install(name)
        self.share = path / "usr/share/massivesms"
        self.share.mkdir()
        (self.share / "apache").mkdir()
        shipped = PACKAGING / "apache" / "massivesms.conf"
        self.write("usr/share/massivesms/apache/massivesms.conf", shipped.read_text())

    def install(self, name: str) -> None:
        """One of the recording programs."""
        script = self.path / "usr/sbin" / name
        script.write_text(RECORD.format(here=self._tools) + TRACES[name] + "\n")
        script.chmod(0o755)

    def write(self, name: str, text: str) -> Path:
        """A file below the root."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def fails(self, tool: str, said: str) -> None:
        """From now on a program fails with these words."""
        (self._tools / f"fails-{tool}").write_text(said)

    def works(self, tool: str) -> None:
        """And now it does not fail any more."""
        (self._tools / f"fails-{tool}").unlink()

    @property
    def calls(self) -> list[str]:
        """Programs that were run with their words, but for those that only look."""
        noted = self._tools / "calls"
        lines = noted.read_text().splitlines() if noted.exists() else []
        looks = ("is-active", "is-enabled", "status")
        return [line for line in lines if not any(look in line for look in looks)]

    def snapshot(self) -> dict[str, object]:
        """Every file with its contents, owner and mode; not what programs noted."""
        found: dict[str, object] = {}
        for path in sorted(self.path.rglob("*")):
            if path.is_relative_to(self._tools):
                continue
            state = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            name = str(path.relative_to(self.path))
            found[name] = (oct(state.st_mode), state.st_uid, state.st_gid, content)
        return found

    # --- generations -----------------------------------------------------------------

    def debian(self) -> None:
        """Debian's places for Apache, and its init scripts."""
        self.write("etc/debian_version", "12.9\n")
        (self.path / "etc/default").mkdir()
        (self.path / "etc/apache2/conf-available").mkdir(parents=True)
        self._init_scripts()

    def red_hat(self) -> None:
        """Red Hat's places."""
        self.write("etc/redhat-release", "Rocky Linux release 8.10\n")
        (self.path / "etc/sysconfig").mkdir()
        (self.path / "etc/httpd/conf.d").mkdir(parents=True)
        self._init_scripts()

    def _init_scripts(self) -> None:
        for name in ("massivesms", "massivesms-web"):
            self.write(f"etc/init.d/{name}", "#!/bin/sh\n").chmod(0o755)

    def freepbx(self, **changes: str) -> None:
        """The file of FreePBX 16 and 17, and what belongs into its menu."""
        self.write("etc/freepbx.conf", php({**AMP, **changes}))
        self.write(
            "usr/share/massivesms/freepbx/massivesms/module.xml",
            "<module><rawname>massivesms</rawname><version>1.0</version></module>",
        )
        self.write(
            "usr/share/massivesms/freepbx/massivesms/page.massivesms.php", "<?php\n"
        )
        (self.path / "var/www/html/admin/modules").mkdir(parents=True)

    def issabel(self) -> None:
        """The files of Issabel 4 and 5, and what belongs into its menu."""
        self.write("etc/issabelpbx.conf", php({**AMP, "AMPDBUSER": "asteriskuser"}))
        self.write("etc/issabel.conf", "mysqlrootpwd=\namiadminpwd=a=b\n")
        self.issabel_menu()

    def issabel4(self) -> None:
        """Issabel 4 keeps FreePBX's file, and had been Elastix."""
        self.write("etc/freepbx.conf", php({**AMP, "AMPDBUSER": "asteriskuser"}))
        self.write("etc/issabel.conf", "mysqlrootpwd=\namiadminpwd=x\n")
        self.issabel_menu()

    def elastix(self) -> None:
        """Elastix 2: amportal.conf alone, and its own tools."""
        pairs = "".join(f"{key}={value}\n" for key, value in AMP.items())
        self.write("etc/amportal.conf", f"# /etc/amportal.conf\n\n{pairs}")
        self.write("etc/elastix.conf", "mysqlrootpwd=\n")
        self.issabel_menu()
        for name in ("menumerge", "menuremove"):
            (self.path / f"usr/sbin/issabel-{name}").unlink()
            self.install(f"elastix-{name}")

    def issabel_menu(self) -> None:
        """What packaging/issabel holds."""
        self.write("usr/share/massivesms/issabel/menu.xml", "<menulist>massivesms\n")
        for name in ("massivesms/langmenu/es.lang", "massivesms_send/index.php"):
            self.write(f"usr/share/massivesms/issabel/modules/{name}", "<?php\n")
        self.write("var/www/html/var/templates_c/old.tpl.php", "<?php\n")


def php(values: dict[str, str]) -> str:
    """A credentials file as FreePBX writes it."""
    lines = []
    for key, value in values.items():
        text = value.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"$amp_conf['{key}'] = '{text}';")
    body = "\n".join(lines)
    return f"<?php\n{body}\n\nrequire_once('/var/www/html/admin/bootstrap.php');\n?>\n"
