"""A person in front of a real browser, who notices whatever is wrong on a page.

Owns what must hold on every page, however one came to it: no error in the
console, nothing blocked by the Content-Security-Policy, no failed request, no
dialog, every field with a name, nothing wider than a phone, and no English left
in Spanish. Names what it presses in English, and finds it in its language.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    FilePayload,
    Locator,
    Request,
    Response,
    expect,
)

from tests.journey.words import english_in, translated

PATIENCE_MS = 20_000
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP:", event.violatedDirective, event.blockedURI, event.sample));
"""
UNNAMED = """() => Array.from(document.querySelectorAll(
    "input:not([type=hidden]), select, textarea, button, summary, a[href]"))
  .filter((e) => ![...(e.labels || [])].some((l) => l.textContent.trim())
    && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")
    && !(/^(BUTTON|A|SUMMARY)$/.test(e.tagName) && e.textContent.trim()))
  .map((e) => e.outerHTML.slice(0, 160))"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return Array.from(document.querySelectorAll("body *"))
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)
    .concat(["scrollWidth " + document.documentElement.scrollWidth]);
}"""
# Without what says of itself that it is English, such as the lines of a log.
VISIBLE_TEXT = """() => {
  const lines = (text) => text.split("\\n").map((line) => line.trim());
  const english = Array.from(document.querySelectorAll("main [lang=en]"),
    (e) => lines(e.innerText)).flat().filter((line) => line);
  const words = [document.title, document.body.innerText,
    ...Array.from(document.querySelectorAll("[placeholder], [aria-label]"),
      (e) => (e.placeholder || "") + " " + (e.getAttribute("aria-label") || ""))];
  const isOther = (line) => !english.some((e) => line.endsWith(e));
  return lines(words.join("\\n")).filter(isOther).join("\\n");
}"""


class Person:
    """One browser window with its own cookies."""

    def __init__(
        self, context: BrowserContext, url: str, language: str, *, on_phone: bool
    ) -> None:
        self.url, self.language, self.on_phone = url, language, on_phone
        self.faults: list[str] = []
        self.expected_statuses: set[int] = set()
        context.add_init_script(WATCH_POLICY)
        context.set_default_timeout(PATIENCE_MS)
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", self._request_failed)
        self.page.on("response", self._response)
        self.page.on("dialog", self._dialog)

    # Words

    def say(self, text: str, **values: object) -> str:
        """A sentence of the sources in this person's language."""
        return translated(text, self.language, values)

    # Acting

    def open(self, path: str) -> None:
        """Types an address."""
        self.page.goto(self.url + path)
        self.look()

    def sign_in(self, name: str, password: str) -> None:
        self.open("/")
        self.fill("User", name)
        self.fill("Password", password)
        self.press("Sign in")

    def go_to(self, *names: str) -> None:
        """By the navigation, which a phone folds away."""
        nav = self.page.get_by_role("navigation", name=self.say("Main"))
        if self.on_phone:
            self.page.get_by_role("button", name=self.say("Menu"), exact=True).click()
        for name in names[:-1]:
            nav.locator("summary", has_text=self.say(name)).click()
        nav.get_by_role("link", name=self.say(names[-1]), exact=True).click()
        self.look()

    def press(self, name: str, **values: object) -> None:
        """A button, as it is called."""
        self.button(name, **values).first.click()
        self.look()

    def follow(self, name: str, **values: object) -> None:
        """A link of the page itself."""
        self._main.get_by_role(
            "link", name=self.say(name, **values), exact=True
        ).first.click()
        self.look()

    def follow_own(self, text: str) -> None:
        """A link that is called as people called something."""
        self._main.get_by_role("link", name=text, exact=True).first.click()
        self.look()

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def tick(self, label: str, *, on: bool = True) -> None:
        self.field(label).set_checked(on)

    def choose(self, label: str, option: str) -> None:
        """An option whose words begin so; people's own words stay as they are."""
        field = self.field(label)
        options = field.locator("option").all_inner_texts()
        fits = [text for text in options if text.strip().startswith(option)]
        assert fits, (label, option, options)
        field.select_option(label=fits[0])

    def upload(self, label: str, file: FilePayload | Path) -> None:
        self.field(label).set_input_files(file)

    def download(self, name: str) -> str:
        """The text behind a link that saves a file."""
        with self.page.expect_download() as saved:
            self._main.get_by_role(
                "link", name=self.say(name), exact=True
            ).first.click()
        return saved.value.path().read_text(encoding="utf-8-sig")

    # Seeing

    def field(self, label: str) -> Locator:
        return self._main.get_by_label(self.say(label), exact=True)

    def button(self, name: str, **values: object) -> Locator:
        return self.page.get_by_role(
            "button", name=self.say(name, **values), exact=True
        )

    def sees(self, text: str, **values: object) -> None:
        """Waits for a sentence of the sources, in this person's language."""
        self.sees_own(self.say(text, **values))

    def sees_own(self, text: str) -> None:
        """Waits for words that are the same in every language."""
        expect(self._main.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)

    def sees_title(self, text: str, **values: object) -> None:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(self.say(text, **values), timeout=PATIENCE_MS)

    def sees_state(self, label: str, where: str = "#content") -> None:
        """Waits for the coloured badge of a state."""
        badge = self.page.locator(f"{where} .state").first
        expect(badge).to_have_text(self.say(label), timeout=PATIENCE_MS)

    def table(self) -> list[str]:
        """The rows of the page's last table, each in one line."""
        rows = self._main.locator("table").last.locator("tbody tr").all_inner_texts()
        return [re.sub(r"\s+", " ", row).strip() for row in rows]

    def stays_on_this_page(self) -> None:
        """Marks the document, so that a reload would be noticed."""
        self.page.evaluate("window.isTheSame = true")

    @property
    def has_stayed(self) -> bool:
        return bool(self.page.evaluate("window.isTheSame === true"))

    def look(self) -> None:
        """What must hold on every page."""
        self.page.wait_for_load_state("load")
        wrong = list(self.faults)
        wrong += [f"no name: {one}" for one in self.page.evaluate(UNNAMED)]
        if self.on_phone:
            wrong += [f"too wide: {one}" for one in self.page.evaluate(TOO_WIDE)]
        language = self.page.locator("html").get_attribute("lang")
        if language != self.language:
            wrong.append(f"the page is in {language}")
        if self.language == "es":
            text = self.page.evaluate(VISIBLE_TEXT)
            wrong += [f"English: {line}" for line in english_in(text)]
        assert not wrong, f"{self.page.url}: {wrong}"

    @property
    def _main(self) -> Locator:
        return self.page.locator("#content")

    # Noticing

    def _console(self, message: ConsoleMessage) -> None:
        is_expected = self.expected_statuses and "status of" in message.text
        if message.type in ("error", "warning") and not is_expected:
            self.faults.append(f"console: {message.text}")

    def _request_failed(self, request: Request) -> None:
        # Leaving a page ends what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.faults.append(f"{response.url}: {response.status}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()
