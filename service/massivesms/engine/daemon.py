"""The service as a process: in the foreground, or as a daemon of the init script.

Owns signals, the pid file and where the log goes; the work is the dispatcher's.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from daemon import DaemonContext

from .. import config as configuration
from ..config import Config
from ..domain import settings as product_settings
from ..domain.settings import Settings
from ..domain.words import N_, Problem
from ..errors import ConfigError, MassiveSmsError, StoreError, WrongSchema
from ..event_log import files as log_files
from ..event_log.writing import EventLog, InertFormatter
from ..store import migrations
from ..store import settings as stored_settings
from ..store.db import Database
from .dispatch import Dispatcher
from .identity import identify
from .pid_file import PidFile

log = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(threadName)s: %(message)s"
START_WAIT_S = 10.0
STOP_WAIT_S = 15.0
END_AFTER_S = 9.8  # after SIGTERM, whatever happens
LOOK_S = 0.1


def now() -> datetime:
    """The moment, for sending hours."""
    return datetime.now(UTC)


def run(config: Config) -> None:
    """Works in the foreground until SIGTERM or SIGINT; SIGHUP reloads.

    Raises ConfigError when another service runs with this configuration, and
    WrongSchema when the tables are of another version.
    """
    events = _event_log(config, _settings(config))
    pid_file = PidFile(config.pid_file)
    if not pid_file.hold():
        raise ConfigError(_already_running(config))
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(InertFormatter(LOG_FORMAT))
    _log_to(terminal, events)
    try:
        _work(config)
    except WrongSchema as error:
        _log_to(events)  # on the terminal it is said by whoever catches it
        log.error("%s", error)
        raise
    finally:
        pid_file.release()


def start(config: Config) -> int:
    """Starts the daemon; its pid once it has taken the pid file.

    Raises ConfigError when one is running already, or when it did not start, and
    WrongSchema when the tables are of another version.
    """
    if PidFile(config.pid_file).running_pid() is not None:
        raise ConfigError(_already_running(config))
    settings = _settings(config)
    log_file = _prepare_log(config, settings)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork() == 0:
        _become_daemon(config, settings)
    pid = _wait_for_pid(config, START_WAIT_S)
    if pid is None:
        raise ConfigError(
            Problem(
                "service_not_started",
                N_("The service did not start. See %(file)s."),
                file=log_file,
            )
        )
    return pid


def stop(config: Config) -> bool:
    """Asks the daemon to end and waits for it; False when none was running.

    Raises ConfigError when it does not end in time.
    """
    pid_file = PidFile(config.pid_file)
    pid = pid_file.running_pid()
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM)
    until_s = time.monotonic() + STOP_WAIT_S
    while pid_file.running_pid() == pid:
        if time.monotonic() > until_s:
            raise ConfigError(
                Problem(
                    "service_not_stopped",
                    N_("The service (process %(pid)s) does not end."),
                    pid=pid,
                )
            )
        time.sleep(LOOK_S)
    return True


def reload(config: Config) -> bool:
    """Makes the daemon read its configuration again; False when none is running."""
    pid = PidFile(config.pid_file).running_pid()
    if pid is None:
        return False
    _signal(pid, signal.SIGHUP)
    return True


def running_pid(config: Config) -> int | None:
    """The daemon's pid or None."""
    return PidFile(config.pid_file).running_pid()


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except PermissionError as error:
        raise ConfigError(
            Problem(
                "service_foreign",
                N_("The service runs as another user: do this as root."),
            )
        ) from error


def _work(config: Config) -> None:
    stopping, reloading = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    signal.signal(signal.SIGHUP, lambda *_: reloading.set())
    ending = threading.Thread(target=_end_in_time, args=(stopping,), daemon=True)
    ending.start()
    threading.excepthook = _log_fault
    log.info("massivesms started, process %s", os.getpid())
    while not stopping.is_set():
        Dispatcher(config, now, identify()).run(stopping, reloading)
        if reloading.is_set():
            reloading.clear()
            config = _read_again(config)
    log.info("massivesms stopped")


def _log_fault(fault: threading.ExceptHookArgs) -> None:
    """A thread ended by a fault of ours: in the log, not on a closed terminal."""
    name = fault.thread.name if fault.thread else "a thread"
    log.error("%s failed", name, exc_info=fault.exc_value)


def _end_in_time(stopping: threading.Event) -> None:
    """Ends the process when a frozen database keeps it from ending by itself.

    What is not settled then becomes in doubt when its lease is taken over.
    """
    stopping.wait()
    time.sleep(END_AFTER_S)
    log.error("massivesms did not end in time: it ends without settling")
    logging.shutdown()
    os._exit(1)


def _read_again(config: Config) -> Config:
    """The configuration of the same file; a wrong one leaves the old in force."""
    try:
        config = configuration.load(config.file)
        log.info("the configuration was read again")
    except ConfigError as error:
        log.error("the old configuration stays in force: %s", error)
    return config


def _become_daemon(config: Config, settings: Settings) -> None:
    """Never returns: detaches, works, ends the process."""
    try:
        with DaemonContext(umask=0o027):
            pid_file = PidFile(config.pid_file)
            if pid_file.hold():
                _log_to(_event_log(config, settings))
                try:
                    _work(config)
                except MassiveSmsError as error:
                    log.error("%s", error)
                finally:
                    pid_file.release()
    finally:
        logging.shutdown()
        os._exit(0)


def _prepare_log(config: Config, settings: Settings) -> Path:
    """Where the events of today go, once it is certain that they can."""
    today = datetime.now(settings.time_zone).date()
    log_file = log_files.path_of(config.log_dir, today)
    try:
        config.run_dir.mkdir(parents=True, exist_ok=True)
        os.close(log_files.open_to_append(log_file))
    except OSError as error:
        raise log_unwritable(log_file, error) from error
    return log_file


def log_unwritable(file: Path, error: OSError) -> ConfigError:
    """The refusal to start what could not say anything afterwards."""
    return ConfigError(
        Problem(
            "log_unwritable",
            N_("The log %(file)s cannot be written: %(error)s"),
            file=file,
            error=error.strerror or error,
        )
    )


def _log_to(*handlers: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(logging.INFO)


def _event_log(config: Config, settings: Settings) -> EventLog:
    handler = EventLog(config.log_dir)
    handler.follow(settings.time_zone, settings.log_events)
    return handler


def _settings(config: Config) -> Settings:
    """As stored, or as they are at first while the database is away.

    Raises WrongSchema.
    """
    db = Database(config.database)
    try:
        migrations.check(db)
        return product_settings.read(db.atomically(stored_settings.load))
    except StoreError:
        return product_settings.read({})
    finally:
        db.close()


def _wait_for_pid(config: Config, wait_s: float) -> int | None:
    until_s = time.monotonic() + wait_s
    while time.monotonic() < until_s:
        pid = running_pid(config)
        if pid is not None:
            return pid
        time.sleep(LOOK_S)
    return None


def _already_running(config: Config) -> Problem:
    return Problem(
        "service_running",
        N_("The service is running already (process %(pid)s)."),
        pid=running_pid(config) or "?",
    )
