"""In Chromium: from the PBX's menu into the frame, and everything done inside it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FrameLocator,
    Page,
    Response,
    expect,
    sync_playwright,
)

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store import migrations
from massivesms.store.db import Database
from scripts.demonstration.processes import Child
from tests.journey.conftest import ARGUMENTS, CHROMIUM, DESKTOP, LOCALES, PHONE
from tests.journey.person import PATIENCE_MS, TOO_WIDE, WATCH_POLICY
from tests.journey.stack import MASSIVESMS
from tests.pbx.front import Front
from tests.pbx.handing_over import KEY
from tests.pbx.sites import PASSWORD, FreePbx, Issabel, Site
from tests.servers.mariadb import PrivateMariaDB
from tests.store import examples

pytestmark = pytest.mark.journey

CONFIG = """
[database]
socket = {socket}
user = root
name = {database}
[service]
pid_file = {directory}/run/massivesms.pid
run_dir = {directory}/run
log_dir = {directory}/log
scripts_dir = {directory}/scripts
[web]
listen = {address}
secret_key_file = {directory}/secret.key
sso_key_file = {directory}/sso.key
[pbx]
kind = {kind}
"""


def is_live(answer: Response) -> bool:
    """A part of a page that htmx fetches again."""
    return answer.request.headers.get("hx-request") == "true" and answer.ok


class World:
    """A PBX, massivesms' real web server, and the front that makes one host of both."""

    def __init__(self, site: Site, mariadb: PrivateMariaDB, directory: Path) -> None:
        self.site = site
        kind = "issabel" if isinstance(site, Issabel) else "freepbx"
        database, address = f"massivesms_{kind}", _free_address()
        mariadb.create_database(database)
        config = directory / "massivesms.conf"
        values = {"socket": mariadb.socket_path, "database": database, "kind": kind}
        config.write_text(CONFIG.format(directory=directory, address=address, **values))
        key = directory / "sso.key"
        key.write_text(KEY + "\n")
        key.chmod(0o640)
        environment = {"PATH": "/usr/bin:/bin", "MASSIVESMS_CONFIG": str(config)}
        self.log_file = directory / "web.log"
        _fill(configuration.load(config))
        start = [MASSIVESMS, "web"]
        self._web = Child("web", start, self.log_file, environment, death="TERM")
        self.front = Front(site.address, address, directory / "front")
        self._web.wait_for(lambda: _answers(address), 60)

    def close(self) -> None:
        self.front.close()
        self._web.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(
    issabel: Issabel,
    mariadb: PrivateMariaDB,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    found = World(issabel, mariadb, tmp_path_factory.mktemp("frame"))
    yield found
    found.close()


class Guest:
    """Somebody in front of the PBX, who notices what is wrong on its pages."""

    def __init__(self, context: BrowserContext, world: World) -> None:
        self.world = world
        self.faults: list[str] = []
        context.add_init_script(WATCH_POLICY)
        context.set_default_timeout(PATIENCE_MS)
        self.page: Page = context.new_page()
        self.page.on("console", lambda m: self._heard(m.type, m.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def sign_in(self, name: str) -> None:
        fields = ("input_user", "input_pass")
        if isinstance(self.world.site, FreePbx):
            fields = ("username", "password")
        form = dict(zip(fields, (name, PASSWORD), strict=True))
        self.page.request.post(self._door + "?display=none&menu=none", form=form)

    def opens(self, entry: str) -> FrameLocator:
        name = f"massivesms_{entry}"
        self.page.goto(f"{self._door}?menu={name}&display={name}")
        return self.page.frame_locator("#massivesms-frame")

    @property
    def _door(self) -> str:
        return self.world.front.url + self.world.site.door

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 401" not in text:
            self.faults.append(text)


@pytest.fixture
def guest(
    browser: Browser, world: World, request: pytest.FixtureRequest
) -> Iterator[Guest]:
    width, height = PHONE if getattr(request, "param", False) else DESKTOP
    context = browser.new_context(
        locale=LOCALES["en"], viewport={"width": width, "height": height}
    )
    found = Guest(context, world)
    yield found
    context.close()
    assert found.faults == []


@pytest.fixture
def spanish(issabel: Issabel) -> Iterator[None]:
    issabel.speak("es")
    yield
    issabel.speak("en")


def heading(frame: FrameLocator, text: str) -> None:
    expect(frame.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.parametrize("guest", [False, True], ids=["desk", "phone"], indirect=True)
def test_from_the_menu_to_the_list_of_campaigns_in_spanish(
    guest: Guest, spanish: None
) -> None:
    guest.sign_in("omar")
    frame = guest.opens("campaigns")
    heading(frame, "Campañas")
    expect(frame.get_by_role("link", name="Verano")).to_be_visible()
    expect(frame.locator("html")).to_have_attribute("lang", "es")
    expect(frame.locator(".brand")).to_be_hidden()
    assert guest.page.evaluate(TOO_WIDE) == []
    assert "sso" not in guest.page.url


def test_inside_the_frame_everything_works(guest: Guest) -> None:
    guest.sign_in("omar")
    frame = guest.opens("campaigns")
    frame.get_by_role("link", name="Verano").click()
    heading(frame, "Verano")
    state = frame.locator("#live .state").first
    button = frame.locator("#live").get_by_role("button")
    with guest.page.expect_response(is_live):
        pass  # the page refreshes itself
    for press, becomes in (("Resume", "Running"), ("Stop", "Paused")):
        expect(button).to_have_text(press)
        button.click()
        expect(state).to_have_text(becomes)
    heading(frame, "Verano")
    assert guest.page.evaluate(TOO_WIDE) == []


def test_the_frame_is_as_high_as_its_page(guest: Guest) -> None:
    guest.sign_in("omar")
    frame = guest.opens("send")
    heading(frame, "Send a message")
    expect(guest.page.locator("#massivesms-frame")).to_have_attribute(
        "style", re.compile("height")
    )
    inner, outer = guest.page.evaluate(
        """() => { const frame = document.getElementById("massivesms-frame");
        return [frame.contentDocument.documentElement.scrollHeight,
                frame.clientHeight]; }"""
    )
    assert inner <= outer


def test_an_ended_session_sends_to_the_menu_and_the_menu_lets_in(
    guest: Guest,
) -> None:
    guest.sign_in("omar")
    heading(guest.opens("lists"), "Lists")
    cookies = guest.page.context.cookies()
    kept = [c for c in cookies if c["name"] != "massivesms"]
    guest.page.context.clear_cookies()
    guest.page.context.add_cookies(kept)  # type: ignore[arg-type]
    frame = guest.page.frame_locator("#massivesms-frame")
    frame.get_by_role("link", name="New list").first.click()
    expect(frame.get_by_text("Open the page again from the menu")).to_be_visible()
    expect(frame.get_by_label("Password")).to_be_hidden()
    heading(guest.opens("lists"), "Lists")


def test_no_hand_over_is_in_an_address_a_referer_or_a_log(guest: Guest) -> None:
    guest.sign_in("ada")
    heading(guest.opens("configuration"), "General configuration")
    heading(guest.opens("trunks"), "Trunks")
    asked = guest.world.front.asked
    assert any(line.startswith("POST /massivesms/sso") for line, _ in asked)
    log = guest.world.log_file.read_text() + guest.world.site.log
    events = (guest.world.log_file.parent / "log").glob("*.log")
    log += "".join(file.read_text() for file in events)
    assert "signed in" in log
    for text in (*(f"{line} {referer}" for line, referer in asked), log):
        assert "signature" not in text and "nonce" not in text
        assert "aud=massivesms" not in text


def test_a_page_of_another_host_cannot_frame_us(browser: Browser, world: World) -> None:
    inside = f"{world.front.url}/massivesms/sign-in"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{inside}"></iframe>'.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Its own context: a browser may complain of this page until it is closed.
    context = browser.new_context(locale=LOCALES["en"])
    guest = Guest(context, world)
    guest.page.goto(f"http://127.0.0.1:{server.server_port}/")
    guest.page.wait_for_load_state("load")
    inner = [frame.url for frame in guest.page.frames[1:]]
    context.close()
    server.shutdown()
    server.server_close()
    assert len(inner) == 1 and inner[0].startswith("chrome-error:")
    assert any("frame-ancestors" in fault for fault in guest.faults)


def test_freepbx_shows_the_frame_once(
    browser: Browser,
    freepbx: FreePbx,
    mariadb: PrivateMariaDB,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = World(freepbx, mariadb, tmp_path_factory.mktemp("frame"))
    context = browser.new_context(locale=LOCALES["en"])
    guest = Guest(context, world)
    guest.sign_in("ada")
    heading(guest.opens("campaigns"), "Campaigns")
    posts = [line for line, _ in world.front.asked if "/sso" in line]
    context.close()
    world.close()
    assert posts == ["POST /massivesms/sso"]
    assert guest.faults == []


def _fill(config: Config) -> None:
    """A campaign to see."""
    db = Database(config.database)
    migrations.upgrade(db)
    with db.transaction() as tx:
        examples.campaign(tx, "Verano", 2, paused=True)
    db.close()


def _free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _answers(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0
