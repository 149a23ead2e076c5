"""The PBXs of all generations, as files below a root of their own."""

from __future__ import annotations

from collections.abc import Callable

from tests.setup.pbx_root import PbxRoot

Generation = Callable[[PbxRoot], None]


def freepbx17(root: PbxRoot) -> None:
    root.debian()
    root.freepbx()


def freepbx16(root: PbxRoot) -> None:
    root.red_hat()
    root.freepbx()


def issabel5(root: PbxRoot) -> None:
    root.red_hat()
    root.issabel()


def issabel4(root: PbxRoot) -> None:
    root.red_hat()
    root.issabel4()


def elastix2(root: PbxRoot) -> None:
    root.red_hat()
    root.elastix()


GENERATIONS = (freepbx17, freepbx16, issabel5, issabel4, elastix2)
