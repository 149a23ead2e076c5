"""What the tests look at after a setup that was refused."""

from __future__ import annotations

from tests.setup.conftest import Server, Setup
from tests.setup.pbx_root import PbxRoot


def unchanged(
    root: PbxRoot,
    server: Server,
    setup: Setup,
    *words: str,
    options: tuple[object, ...] = (),
    stdin: str | None = None,
) -> None:
    """Refused with these words, and the machine is as it was."""
    before = root.snapshot(), server.state()
    setup(*options, input=stdin).refused(*words, "othing was changed")
    assert (root.snapshot(), server.state()) == before
    assert root.calls == []
