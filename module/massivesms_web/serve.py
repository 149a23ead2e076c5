"""Serves the pages with gunicorn: `massivesms web`.

Owns the address that is listened on and whom forwarded headers are believed
from: a proxy on this machine, and nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from werkzeug.middleware.proxy_fix import ProxyFix

from massivesms.config import Config
from massivesms.event_log.writing import EventLog, InertFormatter

from . import create_app, current
from .job_runner import JobRunner

WORKERS = 2
THREADS = 4
TIMEOUT_S = 300  # a file of 50 MB over a slow line
LOOPBACK = ("127.", "::1", "::ffff:127.")

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Server(BaseApplication):
    """gunicorn with our options; each worker makes its own application."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._runner: JobRunner | None = None
        super().__init__()

    def load_config(self) -> None:
        """Tells gunicorn how to run."""
        options = {
            "bind": self._config.listen,
            "workers": WORKERS,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": TIMEOUT_S,
            "proc_name": "massivesms-web",
            "forwarded_allow_ips": "",  # BehindProxy decides, not gunicorn
            "umask": 0o007,
            "control_socket_disable": True,  # gunicorn 27 and later has one
            "worker_exit": self._end_worker,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one worker."""
        _log_events(self._config)
        app = create_app(self._config)
        is_socket = self._config.listen.startswith("unix:")
        app.wsgi_app = BehindProxy(app.wsgi_app, is_socket)  # type: ignore
        self._runner = JobRunner(self._config, current.house_of(app).job_wanted)
        self._runner.start()
        return app

    def _end_worker(self, _arbiter: Any, _worker: Any) -> None:
        if self._runner:
            self._runner.stop()


class BehindProxy:
    """Believes a proxy on this machine where the pages are and how one came.

    Who came is believed only on a socket file, which nobody but the proxy can
    reach: over TCP any program of this machine could say so.
    """

    def __init__(self, app: WSGI, is_socket: bool) -> None:
        self._direct = app
        for_count = 1 if is_socket else 0
        self._proxied = ProxyFix(app, x_for=for_count, x_proto=1, x_host=1, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        address = environ.get("REMOTE_ADDR") or ""
        if not address or address.startswith(LOOPBACK):
            return self._proxied(environ, start)
        return self._direct(environ, start)


def _log_events(config: Config) -> None:
    """The events of this worker go where the service's go; warnings here too."""
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(InertFormatter("%(asctime)s %(levelname)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [terminal, EventLog(config.log_dir)]
    root.setLevel(logging.INFO)


def serve(config: Config) -> None:
    """Serves until SIGTERM; returns never."""
    Server(config).run()
