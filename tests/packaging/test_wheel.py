"""Builds the wheel that `pip install .` would, and looks into it."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "massivesms": "service/massivesms",
    "massivesms_sql": "sql",
    "massivesms_web": "module/massivesms_web",
}
NOT_SHIPPED = {".pyc", ".pot"}
BUILD = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    # In a copy, so that no build/ is left in the checkout.
    source = tmp_path_factory.mktemp("source")
    for directory in PACKAGES.values():
        shutil.copytree(ROOT / directory, source / directory)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, source)
    built = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, built],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.parametrize(("package", "directory"), PACKAGES.items())
def test_every_file_of_a_package_is_installed(
    wheel: zipfile.ZipFile, package: str, directory: str
) -> None:
    files = [path for path in (ROOT / directory).rglob("*") if path.is_file()]
    expected = {
        f"{package}/{path.relative_to(ROOT / directory)}"
        for path in files
        if path.suffix not in NOT_SHIPPED
    }
    assert expected - set(wheel.namelist()) == set(), "add them to setup.cfg"


def test_nothing_else_is_installed(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    tops = {top for top in tops if not top.endswith(".dist-info")}
    assert tops == set(PACKAGES)


def test_the_command_is_installed(wheel: zipfile.ZipFile) -> None:
    (name,) = (n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    assert "massivesms = massivesms.cli:main" in wheel.read(name).decode()
