"""The pages of the product, served over real HTTP on loopback."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from werkzeug.serving import make_server

from massivesms.config import Config
from massivesms_web import create_app


class Pages:
    """Runs until the end of its block; `url` has no / at its end."""

    def __init__(self, config: Config) -> None:
        self._server = make_server("127.0.0.1", 0, create_app(config), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
