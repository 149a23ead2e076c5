"""The figures for people: one line for each, with its aim, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.benchmark.machine import line

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: where its value is found in the JSON, and the aim it is held to."""

    words: str
    of: Callable[[Told], float]
    form: str = "{:,.2f}"
    least: float | None = None
    most: float | None = None

    def aim(self, found: float) -> str:
        """The aim in words, and whether the figure misses it."""
        bounds = [(self.least, "at least"), (self.most, "at most")]
        words = [f"{how} {self.form.format(n)}" for n, how in bounds if n is not None]
        if not words:
            return ""
        is_low = self.least is not None and found < self.least
        is_high = self.most is not None and found > self.most
        return ", ".join(words) + (": missed" if is_low or is_high else "")


def key(name: str) -> Callable[[Told], float]:
    """A figure that stands in the JSON by itself."""
    return lambda told: float(told[name])


DRAIN = (
    Figure("service to straight line", key("ratio"), least=0.6),
    Figure("service, messages a second", key("per_second"), "{:,.0f}"),
    Figure("straight line, messages a second", key("straight_per_second"), "{:,.0f}"),
    Figure(
        "service, µs of CPU a message", key("cpu_us_per_message"), "{:.0f}", most=40
    ),
    Figure(
        "SMSC, µs of CPU a message",
        key("smsc_cpu_us_per_message"),
        "{:.1f}",
        most=3,
    ),
    Figure("service, most memory, MB", key("rss_mb_max"), "{:.0f}", most=100),
)
MEMORY = (
    Figure("messages", key("messages"), "{:,.0f}"),
    Figure("messages a second", key("per_second"), "{:,.0f}"),
    Figure("most memory, MB", key("rss_mb_max"), "{:.0f}", most=100),
    Figure("memory at 10 %, MB", key("rss_mb_at_10_percent"), "{:.1f}"),
    Figure("memory at the end, MB", key("rss_mb_end"), "{:.1f}"),
    Figure("change, %", key("rss_change_percent"), "{:+.1f}", least=-5, most=5),
)
RECEIPTS = (
    Figure("booked after a drain, to its messages a second", key("ratio"), least=0.5),
    Figure("booked after a drain, a second", key("per_second"), "{:,.0f}"),
    Figure("the drain, messages a second", key("drain_per_second"), "{:,.0f}"),
    Figure("service, µs of CPU a receipt", key("cpu_us_per_receipt"), "{:.0f}"),
    Figure("sent and booked at once, to the drain", key("meanwhile_ratio")),
    Figure("sent and booked at once, a second", key("meanwhile_per_second"), "{:,.0f}"),
)
PACING = (
    Figure(
        "least of the allowance, %",
        key("percent_of_allowance_lowest"),
        least=98,
    ),
    Figure(
        "most of the allowance, %",
        key("percent_of_allowance_highest"),
        most=100,
    ),
    Figure(
        "segments over it in a sliding second",
        key("most_over_in_a_second"),
        "{:.0f}",
        most=1,
    ),
)
EXPRESS = (
    Figure("commit to SMSC, p50, ms", key("p50_ms"), "{:.0f}"),
    Figure("commit to SMSC, p99, ms", key("p99_ms"), "{:.0f}", most=500),
    Figure("commit to SMSC, longest, ms", key("max_ms"), "{:.0f}"),
    Figure("the campaign, messages a second", key("campaign_per_second"), "{:,.0f}"),
)
IDLE = (
    Figure("20 trunks, % of a core", key("cpu_percent_of_a_core"), most=1),
    Figure("20 trunks, memory, MB", key("rss_mb"), "{:.0f}"),
)
MODEMS = (
    Figure("20 modems idle, % of a core", key("cpu_percent_of_a_core"), most=1),
    Figure("20 modems idle, memory, MB", key("rss_mb"), "{:.0f}", most=120),
    Figure("20 modems, messages a second", key("per_second"), "{:,.0f}"),
    Figure("20 modems, ms of CPU a message", key("cpu_ms_per_message")),
    Figure("20 modems, most memory, MB", key("rss_mb_max"), "{:.0f}", most=120),
)
IMPORT = (
    Figure("file into list, to bare LOAD DATA", key("ratio"), least=0.3),
    Figure("file into list, rows a second", key("per_second"), "{:,.0f}"),
    Figure("bare LOAD DATA, rows a second", key("bare_per_second"), "{:,.0f}"),
    Figure("file into list, most memory, MB", key("rss_mb_max"), "{:.0f}", most=200),
    Figure(
        "list into campaign, to bare INSERT ... SELECT",
        key("campaign_ratio"),
        least=0.7,
    ),
    Figure("list into campaign, rows a second", key("campaign_per_second"), "{:,.0f}"),
    Figure(
        "bare INSERT ... SELECT, rows a second",
        key("bare_campaign_per_second"),
        "{:,.0f}",
    ),
)
CONTACTS = (
    Figure("numbers alone into list, seconds", key("numbers_s"), "{:.1f}"),
    Figure("the same with three fields, seconds", key("fields_s"), "{:.1f}"),
    Figure("numbers alone to with three fields", key("ratio"), least=1),
    Figure("with three fields, most memory, MB", key("fields_mb_max"), "{:.0f}"),
    Figure("100,000 rows of a workbook, seconds", key("book_s"), "{:.1f}", most=20),
    Figure("a workbook, most memory, MB", key("book_mb_max"), "{:.0f}", most=300),
    Figure("permanent, nobody new, ms", key("permanent_idle_ms"), "{:.1f}"),
    Figure("permanent, 1,000 newcomers, ms", key("permanent_new_ms"), "{:.0f}"),
    Figure("load counted for its undo, seconds", key("undo_count_s"), "{:.1f}"),
    Figure("load undone, seconds", key("undo_s"), "{:.1f}"),
)
GROWING = (
    *(
        figure
        for name, words in (
            ("file", "file with two places into campaign"),
            ("list", "list with two places into campaign"),
            ("bulk", "bulk file into three campaigns"),
        )
        for figure in (
            Figure(f"{words}, seconds", key(f"{name}_s"), "{:.1f}"),
            Figure(f"{words}, most memory, MB", key(f"{name}_mb_max"), "{:.0f}"),
            Figure(
                f"{words}, longest other claim, ms",
                key(f"{name}_claim_ms_max"),
                "{:.0f}",
            ),
        )
    ),
    Figure("plan of a large campaign, p95, ms", key("plan_ms_p95"), "{:.0f}"),
)
JOBS = (
    Figure("wizard, counted, seconds", key("wizard_count_s"), "{:.1f}"),
    Figure("wizard, loaded, seconds", key("wizard_load_s"), "{:.1f}"),
    Figure("wizard, most memory, MB", key("wizard_mb_max"), "{:.0f}"),
    Figure("automatic load, seconds", key("automatic_s"), "{:.1f}"),
    Figure("automatic load, most memory, MB", key("automatic_mb_max"), "{:.0f}"),
)
CALLS = (
    Figure("rows of call records", key("rows"), "{:,.0f}"),
    Figure("callers into list, numbers", key("numbers"), "{:,.0f}"),
    Figure("callers into list, seconds", key("list_s"), "{:.1f}", most=60),
    Figure("missed calls counted, seconds", key("missed_count_s"), "{:.1f}", most=60),
    Figure("bare SELECT DISTINCT, seconds", key("bare_s"), "{:.1f}"),
    Figure("callers into list, to bare SELECT DISTINCT", key("ratio")),
    Figure("most memory, MB", key("rss_mb_max"), "{:.0f}", most=150),
)
MOST_MS, MOST_RATIO = 100, 1.5
PAGES = (
    Figure("messages in the database", key("messages"), "{:,.0f}"),
    Figure("slowest page, p95, ms", key("p95_ms_highest"), "{:.0f}", most=MOST_MS),
    Figure("to a database of 10,000, p95", key("p95_ratio_highest"), most=MOST_RATIO),
    Figure("to a database of 10,000, p50", key("p50_ratio_highest"), most=MOST_RATIO),
)
FIGURES: Mapping[str, tuple[Figure, ...]] = {
    "drain": DRAIN,
    "memory": MEMORY,
    "receipts": RECEIPTS,
    "pacing": PACING,
    "express": EXPRESS,
    "import": IMPORT,
    "contacts": CONTACTS,
    "growing": GROWING,
    "jobs": JOBS,
    "calls": CALLS,
    "idle": IDLE,
    "modems": MODEMS,
    "pages": PAGES,
}


def table(result: Mapping[str, Told]) -> str:
    """A Markdown table, as the README has it."""
    lines = ["| measure | figure | result | aim |", "|---|---|--:|---|"]
    for name, told in result.items():
        for figure in FIGURES.get(name, ()):
            found = figure.of(told)
            shown = figure.form.format(found)
            lines.append(f"| {name} | {figure.words} | {shown} | {figure.aim(found)} |")
    lines += _page_lines(result.get("pages", {}).get("pages", {}))
    return "\n".join([*lines, "", line(dict(result["machine"]))])


def _page_lines(pages: Told) -> list[str]:
    """A second table, a line for each page."""
    if not pages:
        return []
    lines = ["", "| page | p50, ms | p95, ms | p95 with 10,000, ms | missed |"]
    lines.append("|---|--:|--:|--:|---|")
    for name, told in pages.items():
        missed = [
            words
            for words, is_missed in (
                ("100 ms", told["p95_ms"] > MOST_MS),
                ("1.5 times", told["p95_ratio"] > MOST_RATIO),
            )
            if is_missed
        ]
        times = (told["p50_ms"], told["p95_ms"], told["few_p95_ms"])
        shown = " | ".join(f"{ms:.1f}" for ms in times)
        lines.append(f"| {name} | {shown} | {', '.join(missed)} |")
    return lines
