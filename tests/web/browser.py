"""Owns a test client that reads every HTML page it gets as a strict visitor would.

It knows no page: it checks what must hold on all of them, and fills in the
token of forms, as a browser does.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID_HANDLERS = re.compile(r"^on[a-z]+$")


class Page(HTMLParser):
    """What one page consists of, gathered while its tags go by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.lang = ""
        self.title = ""
        self.h1: list[str] = []
        self.faults: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        values = {name: value or "" for name, value in attributes}
        self._check_attributes(tag, values)
        if tag == "html":
            self.lang = values.get("lang", "")
        if tag == "h1":
            self.h1.append("")
        if tag == "a":
            self.links.append(values.get("href", ""))
        if "id" in values:
            self.ids.append(values["id"])
        self._note_form(tag, values)
        if tag in ("title", "h1", "script", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside in ("script", "style") and data.strip():
            self.faults.append(f"inline {inside}: {data.strip()[:40]}")
        elif inside == "title":
            self.title += data
        else:
            self.text += data
            if inside == "h1":
                self.h1[-1] += data

    def _check_attributes(self, tag: str, values: dict[str, str]) -> None:
        if tag == "style":
            self.faults.append("a style element")
        for name, value in values.items():
            if name == "style" or VOID_HANDLERS.match(name):
                self.faults.append(f"inline {name} on {tag}")
            if value.strip().lower().startswith("javascript:"):
                self.faults.append(f"a javascript: address on {tag}")
            if name in ("src", "href", "action") and re.match(r"(https?:)?//", value):
                self.faults.append(f"{name} leads to another host: {value}")

    def _note_form(self, tag: str, values: dict[str, str]) -> None:
        if tag == "form":
            self.forms.append({**values, "fields": {}})
        if tag in ("input", "select", "textarea", "button") and self.forms:
            name = values.get("name")
            if name:
                self.forms[-1]["fields"][name] = values.get("value", "")


class Browser(FlaskClient):
    """Flask's client; `get` and `post` check what comes back."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check_headers(response)
        if response.mimetype == "text/html" and response.get_data():
            check_html(response)
        return response

    def page(self, url: str, status: int = 200, **kwargs: Any) -> Page:
        """The page of an address, read."""
        response = self.get(url, **kwargs)
        assert response.status_code == status, (response.status, response.text[:2000])
        return Page(response.text)

    def token(self) -> str:
        """A CSRF token of this browser's session, as a form would carry it."""
        page = Page(self.get("/account/", follow_redirects=True).text)
        return next(
            form["fields"]["csrf_token"]
            for form in page.forms
            if "csrf_token" in form["fields"]
        )

    def send(
        self,
        url: str,
        data: dict[str, Any] | None = None,
        *,
        follow: bool = True,
        **kwargs: Any,
    ) -> TestResponse:
        """Posts a form with its token, and by default looks at where it leads."""
        values = {"csrf_token": self.token(), **(data or {})}
        return self.post(url, data=values, follow_redirects=follow, **kwargs)

    def sign_in(self, name: str, password: str) -> TestResponse:
        """Signs in by the page."""
        return self.send("/sign-in", {"name": name, "password": password}, follow=False)


def check_headers(response: TestResponse) -> None:
    """What every answer carries, whatever it is."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert response.headers.get("X-Content-Type-Options") == "nosniff"
    assert response.headers.get("Referrer-Policy")
    assert "no-store" in response.headers["Cache-Control"] or (
        response.request.path.startswith(("/static/", "/bootstrap/"))
    )


def check_html(response: TestResponse) -> None:
    """What holds for every page, and the parts of it that htmx fetches."""
    html = response.text
    page = Page(html)
    where = response.request.path
    assert not page.faults, (where, page.faults)
    assert len(page.ids) == len(set(page.ids)), (where, "an id twice", page.ids)
    for leftover in ("%(", "{{", "{%", "None</", "Markup("):
        assert leftover not in page.text, (where, leftover)
    for form in page.forms:
        if form.get("method", "").lower() == "post":
            assert "csrf_token" in form["fields"], (where, "a form without a token")
    if html.lstrip().lower().startswith("<!doctype"):
        assert page.lang in ("en", "es"), where
        assert page.title.strip(" ·").removesuffix("massivesms"), where
        assert len(page.h1) == 1 and page.h1[0].strip(), (where, page.h1)
