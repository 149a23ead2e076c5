"""Our PHP: every file is read by PHP, in the syntax that PHP 5.4 knew.

PHP 5.4 itself cannot be had here; what came later is looked for by its form.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.pbx.sites import FREEPBX, ISSABEL

FILES = sorted(
    file
    for folder in (ISSABEL, FREEPBX)
    for file in folder.rglob("*")
    if file.suffix in (".php", ".lang")
)
NAMES = [str(file.relative_to(ISSABEL.parent)) for file in FILES]
COPIES = {
    "libs/handover.php": "handover.php",
    "themes/default/js/frame.js": "assets/js/frame.js",
    "themes/default/css/frame.css": "assets/css/frame.css",
}
#: What PHP 5.4 does not know, and since when it is there.
TOO_NEW = {
    "::class (5.5)": r"::class\b",
    "yield (5.5)": r"\byield\b",
    "finally (5.5)": r"\bfinally\b",
    "list in foreach (5.5)": r"\bas\s+(list\(|\[)",
    "empty of a call (5.5)": r"\bempty\([^$)]*\)",
    "const expression (5.6)": r"\bconst\s+\w+\s*=\s*[^;]*[+.*]",
    "... (5.6)": r"\.\.\.",
    "** (5.6)": r"\*\*\s*\$|\$\w+\s*\*\*",
    "use function (5.6)": r"\buse\s+(function|const)\b",
    "?? (7.0)": r"\?\?",
    "<=> (7.0)": r"<=>",
    "types of parameters (7.0)": r"function\s*\w*\([^)]*\b(string|int|bool|float)\s+\$",
    "type of a result (7.0)": r"function\s*\w*\([^)]*\)\s*:",
    "nameless class (7.0)": r"new\s+class\b",
    "strict types (7.0)": r"declare\s*\(",
    "[$a] = (7.1)": r"^\s*\[[^\]]*\]\s*=",
    "visible const (7.1)": r"\b(public|private|protected)\s+const\b",
    "?type (7.1)": r"\?(string|int|array|bool|float)\b",
    "fn (7.4)": r"\bfn\s*\(",
    "typed property (7.4)": r"\b(public|private)\s+(?!static|function)\w+\s+\$",
    "match (8.0)": r"\bmatch\s*\(",
    "?-> (8.0)": r"\?->",
    "#[] (8.0)": r"#\[",
    "str_contains (8.0)": r"\bstr_(contains|starts_with|ends_with)\b",
}
#: Functions of later versions that are asked for before they are called.
ASKED_FOR = {"random_bytes"}


def code(file: Path) -> str:
    """A file without its comments and texts."""
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    return re.sub(r"'(?:[^'\\]|\\.)*'", "''", text)


def test_all_files_are_found() -> None:
    assert len(FILES) > 20


def test_php_reads_every_file() -> None:
    for file in FILES:  # php -l takes one at a time
        done = subprocess.run(["php", "-l", file], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No syntax errors" in done.stdout


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_the_syntax_is_old(file: Path) -> None:
    text = code(file)
    for what, form in TOO_NEW.items():
        found = re.search(form, text, re.M)
        assert found is None, f"{what}: {found[0]}"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("?? (7.0)", "$a = $b ?? 1;"),
        ("type of a result (7.0)", "function f($a): string {"),
        ("types of parameters (7.0)", "function f(int $a) {"),
        ("[$a] = (7.1)", "[$a, $b] = f();"),
        ("list in foreach (5.5)", "foreach ($a as [$b, $c]) {"),
        ("... (5.6)", "f(...$a);"),
        ("typed property (7.4)", "private string $a;"),
        ("::class (5.5)", "$a = Foo::class;"),
        ("match (8.0)", "$a = match ($b) {"),
    ],
)
def test_new_syntax_would_be_seen(what: str, line: str) -> None:
    assert re.search(TOO_NEW[what], line, re.M)


@pytest.mark.parametrize("original", COPIES)
def test_what_both_pbxs_share_is_one_text(original: str) -> None:
    first = (ISSABEL / "modules/massivesms" / original).read_bytes()
    assert (FREEPBX / COPIES[original]).read_bytes() == first


def test_newer_functions_are_asked_for_first() -> None:
    text = (FREEPBX / "handover.php").read_text()
    for name in ASKED_FOR:
        assert f"function_exists('{name}')" in text
