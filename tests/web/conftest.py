"""Owns the signed-in browsers of the page tests, which check every page they get.

Users are stored with one ready, cheap hash: argon2 is slow on purpose, and only
the tests of passwords need it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from massivesms.config import Config
from massivesms.store import roles, users
from massivesms.store.audit import Actor
from massivesms.store.db import Database
from massivesms_web import create_app
from tests.web.browser import Browser

PASSWORD = "correct horse battery"
ClientAs = Callable[[str], Browser]


@cache
def hashed(password: str = PASSWORD) -> str:
    """The hash of the tests' password: a cheap one, which checks quickly too."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once a run, though each test has its own application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    config: Config, db: Database, compiled: FileSystemBytecodeCache
) -> Iterator[Flask]:
    """The application on an empty installation, with CSRF as in real life."""
    application = create_app(config)
    application.jinja_env.bytecode_cache = compiled
    application.config["TESTING"] = True
    application.config["PROPAGATE_EXCEPTIONS"] = False
    application.test_client_class = Browser
    yield application
    application.extensions["massivesms"].db.close()


def add_user(db: Database, name: str, role: str) -> int:
    """A user with PASSWORD; its id."""
    with db.transaction() as tx:
        role_id = roles.by_name(tx, role)["id"]
        return users.create(tx, name, role_id, hashed(), Actor("test"))


@pytest.fixture
def client_as(app: Flask, db: Database) -> ClientAs:
    """Makes a browser in which a new user of a role has signed in."""

    def make(role: str) -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        add_user(db, f"{role}-user", role)
        browser.sign_in(f"{role}-user", PASSWORD)
        return browser

    return make


@pytest.fixture
def client(client_as: ClientAs) -> Browser:
    """A browser in which an administrator has signed in."""
    return client_as("administrator")


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """A browser in which nobody has signed in."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser
