"""Pages: how long each takes with few and with very many messages in the database.

Two installations on one server, with the real web module each; every page is asked
for in turns, so that whatever else the machine does hits both alike. The first few
answers, which compile templates, are not counted.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import Any

from scripts.benchmark.express import percentile
from scripts.benchmark.filling import Filled, fill, must_fit
from scripts.benchmark.house import READY_WAIT_S, House, Installation
from scripts.benchmark.visitor import Visitor

FEW = 10_000
CONTACTS = 100_000
TIMES, UNCOUNTED = 30, 3
SLOW_MS, SLOW_TIMES = 1000.0, 3  # a page as slow as this is asked for less often
USER = "admin"

Site = tuple[Visitor, dict[str, str]]


def measure(house: House, messages: int) -> dict[str, Any]:
    """`pages` as it stands in the JSON."""
    must_fit(house.directory, messages)
    with ExitStack() as stack:
        few = _site(house, stack, "pages_few", FEW)
        many = _site(house, stack, "pages_many", messages)
        found = {name: _timed(few, many, name) for name in many[1]}
    slowest = max(found, key=lambda name: found[name]["p95_ms"])
    return {
        "pages": {
            "messages": messages,
            "messages_few": FEW,
            "p95_ms_highest": found[slowest]["p95_ms"],
            "p95_highest_of": slowest,
            "p95_ratio_highest": max(one["p95_ratio"] for one in found.values()),
            "p50_ratio_highest": max(one["p50_ratio"] for one in found.values()),
            "pages": found,
        }
    }


def _site(house: House, stack: ExitStack, name: str, messages: int) -> Site:
    """A filled installation whose pages are served, somebody signed in, addresses."""
    installation = house.installation(name)
    for n in range(1, 4):
        installation.add_trunk(f"trunk {n}", 2775)
    with installation.connect() as db:
        filled = fill(db, messages, CONTACTS)
    visitor = signed_in(installation, stack, secrets.token_hex(12))
    return visitor, addresses(visitor, filled)


def signed_in(installation: Installation, stack: ExitStack, password: str) -> Visitor:
    """The pages are served until the stack ends; an administrator looks at them."""
    installation.command(
        *("user", "add", USER, "--role", "administrator", "--password-stdin"),
        entered=password + "\n",
    )
    web = stack.enter_context(installation.running("web"))
    visitor = Visitor(installation.address)
    stack.callback(visitor.close)
    web.wait_for(lambda: _answers(visitor), READY_WAIT_S)
    visitor.sign_in(USER, password)
    return visitor


def addresses(visitor: Visitor, filled: Filled) -> dict[str, str]:
    """Every page that is measured, by the name that it has in the result."""
    largest = f"/campaigns/{filled.largest}"
    a_list = f"/lists/{filled.list_id}"
    return {
        "home": "/",
        "home, today": "/today",
        "campaigns": "/campaigns/",
        "campaigns, running": "/campaigns/?state=running",
        "campaigns, second page": visitor.link("/campaigns/", "before="),
        "campaign": largest,
        "campaign, live part": f"{largest}/live",
        "campaign, over time": f"{largest}/course",
        "campaign, half sent": f"/campaigns/{filled.half_sent}",
        "campaign, half sent, over time": f"/campaigns/{filled.half_sent}/course",
        "campaign, second page": visitor.link(largest, "after="),
        "campaign, from the middle": f"{largest}?after={filled.middle}",
        "campaign, by state": f"{largest}?state=delivered",
        "campaign, state of none": f"{largest}?state=cancelled",
        "campaign, by number": f"{largest}?number=61",
        "campaign, state of none by number": f"{largest}?state=cancelled&number=6",
        "campaign, in doubt": f"/campaigns/{filled.doubts}/doubts",
        **_of_messages(visitor, filled),
        "message": f"/messages/{filled.middle}",
        "lists": "/lists/",
        "list": a_list,
        "list, second page": visitor.link(a_list, "after="),
        "list, by number": f"{a_list}?number=612",
        "list, by a whole number": f"{a_list}?number={filled.number}",
        "list, by number, excluded": f"{a_list}?number=6&excluded=yes",
        "lists, where a number is": "/lists/?number=61234",
        "trunks": "/trunks/",
        "trunk": "/trunks/1",
        "send": "/send/",
        "audit": "/configuration/log/",
        "configuration": "/configuration/",
        "users": "/users/",
    }


def _of_messages(visitor: Visitor, filled: Filled) -> dict[str, str]:
    """The search of messages, by what it can be asked for."""
    of_largest = f"/messages/?campaign={filled.largest}"
    return {
        "messages": "/messages/",
        "messages, second page": visitor.link("/messages/", "before="),
        "messages, from the middle": f"/messages/?before={filled.middle}",
        "messages, by campaign": of_largest,
        "messages, by campaign and state": f"{of_largest}&state=undelivered",
        "messages, by number": "/messages/?number=612",
        "messages, by a whole number": f"/messages/?number={filled.number}",
        "messages, second page by number": visitor.link(
            "/messages/?number=6", "before="
        ),
        "messages, by state": "/messages/?state=in_doubt",
        "messages, by states": "/messages/?state=failed&state=rejected",
        "messages, state of none": "/messages/?state=cancelled&number=6",
        "messages, by trunk": "/messages/?trunk=2",
        "messages, by user": "/messages/?user=bench",
        "messages, by user of none": "/messages/?user=nobody",
        "messages, by import of none": "/messages/?import=7",
        "messages, by day": "/messages/?from=2026-03-01&to=2026-03-01",
        "messages, by month and trunk": "/messages/?from=2026-02-01&to=2026-02-28"
        "&trunk=1&state=failed",
        "messages, by campaign and hour": f"{of_largest}&from=2026-01-20T10:00"
        "&to=2026-01-20T11:00",
        "messages, by result": "/messages/?result=smpp_11",
        "messages, by result of none": "/messages/?result=smpp_99&number=6",
        "messages, by result of none in a campaign": f"{of_largest}&result=smpp_99",
        "messages, by error of none": "/messages/?detail=099&trunk=3",
    }


def _timed(few: Site, many: Site, name: str) -> dict[str, Any]:
    """Both installations' times of one page."""
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(TIMES + UNCOUNTED):
        for (visitor, paths), kept in zip((few, many), times, strict=True):
            took_ms = visitor.timed_ms(paths[name])
            if n >= UNCOUNTED or took_ms > SLOW_MS:
                kept.append(took_ms)
        if n >= SLOW_TIMES and max(times[1]) > SLOW_MS:
            break
    few_ms, many_ms = times
    p50, p95 = ((percentile(few_ms, p), percentile(many_ms, p)) for p in (50, 95))
    return {
        "path": many[1][name],
        "p50_ms": p50[1],
        "p95_ms": p95[1],
        "few_p50_ms": p50[0],
        "few_p95_ms": p95[0],
        "p50_ratio": p50[1] / p50[0],
        "p95_ratio": p95[1] / p95[0],
    }


def _answers(visitor: Visitor) -> bool:
    try:
        return bool(visitor.page("/sign-in"))
    except OSError:
        visitor.close()
        return False
