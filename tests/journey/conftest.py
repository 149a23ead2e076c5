"""A live massivesms, Chromium, and people of both languages in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright

from tests.fakes.smsc import Smsc
from tests.journey.hostile import HOSTILE, plant
from tests.journey.person import Person
from tests.journey.stack import ADMINISTRATOR, MANNERS, PASSWORD, Stack
from tests.servers.mariadb import PrivateMariaDB

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",  # root runs the tests in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-US", "es": "es-ES"}
DESKTOP, PHONE = (1280, 900), (375, 740)

MakePerson = Callable[..., Person]


@pytest.fixture(scope="session")
def stack(
    mariadb: PrivateMariaDB, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """One for all journeys: each works with names and numbers of its own."""
    with Smsc(MANNERS) as smsc:
        stack = Stack(mariadb, smsc, tmp_path_factory.mktemp("journey"))
        yield stack
        stack.close()


@pytest.fixture(scope="session")
def hostile(stack: Stack) -> str:
    """Hostile words are everywhere: names, texts, answers."""
    plant(stack)
    return HOSTILE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the session: Playwright runs once in a thread, and some
    modules start their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kept_sign_in() -> dict[str, StorageState]:
    """The cookies of the first sign-in; more would only be slow."""
    return {}


@pytest.fixture
def stranger(browser: Browser, stack: Stack) -> Iterator[MakePerson]:
    """Makes people who have not signed in; at the end, what they noticed."""
    people: list[tuple[Person, BrowserContext]] = []

    def make(
        language: str = "en",
        *,
        on_phone: bool = False,
        storage_state: StorageState | None = None,
    ) -> Person:
        width, height = PHONE if on_phone else DESKTOP
        context = browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": height},
            has_touch=on_phone,
            storage_state=storage_state,
            accept_downloads=True,
        )
        person = Person(context, stack.url, language, on_phone=on_phone)
        people.append((person, context))
        return person

    yield make
    faults = [fault for person, _ in people for fault in person.faults]
    for _, context in people:
        context.close()
    assert faults == []


@pytest.fixture
def administrator(
    stranger: MakePerson, kept_sign_in: dict[str, StorageState]
) -> MakePerson:
    """Makes people who have signed in as administrator."""

    def make(language: str = "en", *, on_phone: bool = False) -> Person:
        if not kept_sign_in:
            first = stranger()
            first.sign_in(ADMINISTRATOR, PASSWORD)
            kept_sign_in["state"] = first.page.context.storage_state()
        state = kept_sign_in["state"]
        return stranger(language, on_phone=on_phone, storage_state=state)

    return make


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file to upload."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/journey/" in item.nodeid:
            item.add_marker(pytest.mark.journey)
