"""What a monitor reads, in Prometheus' form: read from the database at each look.

Counters come from tables, so they go on where they were after a restart. Names are
part of the contract (docs/metrics.md): add to them, do not change them.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from massivesms import __version__
from massivesms.store.monitor import Snapshot
from massivesms.store.services import ALIVE_S
from massivesms.store.tallies import histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_TRUNK = "none"


class House(Collector):
    """One look, or None when the database is away."""

    def __init__(self, seen: Snapshot | None) -> None:
        self._seen = seen
        self._names = {0: NO_TRUNK}
        for row in seen.trunks if seen else ():
            self._names[row["id"]] = row["name"]

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        build = GaugeMetricFamily(
            "massivesms_build_info", "The version that runs.", labels=["version"]
        )
        build.add_metric([__version__], 1)
        yield build
        is_up = self._seen is not None
        yield _gauge("database_up", "Whether the database can be reached.", is_up)
        if self._seen is not None:
            yield from _services(self._seen)
            yield from _queue(self._seen)
            yield from self._messages(self._seen)
            yield from self._engine(self._seen)
            yield from _trunks(self._seen)
            yield from _outboxes(self._seen)

    def _messages(self, seen: Snapshot) -> Iterator[Metric]:
        messages = CounterMetricFamily(
            "massivesms_messages",
            "Messages that came into a state, by the trunk that had them then.",
            labels=["trunk", "state"],
        )
        segments = CounterMetricFamily(
            "massivesms_segments",
            "Segments of the messages that came into a state.",
            labels=["trunk", "state"],
        )
        for (trunk_id, state), (number, parts) in sorted(seen.totals.items()):
            messages.add_metric([self._name(trunk_id), state], number)
            segments.add_metric([self._name(trunk_id), state], parts)
        yield messages
        yield segments

    def _engine(self, seen: Snapshot) -> Iterator[Metric]:
        waited = HistogramMetricFamily(
            "massivesms_submit_seconds",
            "From the claim of a message to the operator's answer.",
            labels=["trunk"],
        )
        receipts = CounterMetricFamily(
            "massivesms_receipts", "Delivery receipts that came.", labels=["trunk"]
        )
        incoming = CounterMetricFamily(
            "massivesms_incoming_messages", "Messages that came in.", labels=["trunk"]
        )
        for trunk_id, amounts in sorted(seen.tallies.items()):
            name = self._name(trunk_id)
            buckets, sum_s = histogram(amounts)
            pairs = [(row["le"], row["count"]) for row in buckets]
            waited.add_metric([name], buckets=pairs, sum_value=sum_s)
            receipts.add_metric([name], amounts.get(("receipts", 0), 0))
            incoming.add_metric([name], amounts.get(("incoming", 0), 0))
        yield waited
        yield receipts
        yield incoming
        yield _gauge(
            "receipts_unmatched",
            "Delivery receipts whose message is not known, kept for 72 hours.",
            seen.receipts_kept,
        )

    def _name(self, trunk_id: int) -> str:
        return self._names.get(trunk_id, f"trunk {trunk_id}")


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"massivesms_{name}", text, value=float(value))


def _services(seen: Snapshot) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "massivesms_service_heartbeat_age_seconds",
        "How long ago a service gave its last sign of life.",
        labels=["host"],
    )
    youngest: dict[str, float] = {}
    for row in seen.services:
        age_s = max(0.0, float(row["age_s"]))
        youngest[row["host"]] = min(age_s, youngest.get(row["host"], age_s))
    for host, age_s in sorted(youngest.items()):
        age.add_metric([host], age_s)
    alive = sum(1 for age_s in youngest.values() if age_s < ALIVE_S)
    yield _gauge("services_running", "Hosts whose service is alive.", alive)
    yield age
    yield _gauge("sending_allowed", "Whether sending is turned on.", seen.sending)


def _queue(seen: Snapshot) -> Iterator[Metric]:
    texts = {
        "queued": ("queue_messages", "Messages that wait to be sent."),
        "submitting": ("submitting_messages", "Messages that are being sent."),
        "in_doubt": ("in_doubt_messages", "Messages that left without an answer."),
    }
    for state, (name, text) in texts.items():
        family = GaugeMetricFamily(f"massivesms_{name}", text, labels=["queue"])
        for queue in ("output_queue", "campaigns"):
            family.add_metric([queue], max(0, seen.in_states.get((queue, state), 0)))
        yield family
    text = "Campaigns that have something to send."
    yield _gauge("open_campaigns", text, seen.open_campaigns)


def _trunks(seen: Snapshot) -> Iterator[Metric]:
    families = {
        "up": "Whether at least one connection of a trunk is ready.",
        "connections_ready": "Connections of a trunk that are ready.",
        "active": "Whether a trunk is turned on.",
        "stopped": "Whether a trunk was stopped because only a person can help.",
    }
    made = {
        name: GaugeMetricFamily(f"massivesms_trunk_{name}", text, labels=["trunk"])
        for name, text in families.items()
    }
    rate = GaugeMetricFamily(
        "massivesms_trunk_rate_limit_segments_per_second",
        "The speed limit of a trunk that has one.",
        labels=["trunk"],
    )
    for row in seen.trunks:
        if row["removed"]:
            continue
        name, ready = row["name"], int(row["ready"])
        values = {
            "up": min(1, ready),
            "connections_ready": ready,
            "active": row["active"],
            "stopped": row["stopped_code"] is not None,
        }
        for key, value in values.items():
            made[key].add_metric([name], float(value))
        if row["rate_per_s"] is not None:
            rate.add_metric([name], float(row["rate_per_s"]))
    yield from made.values()
    yield rate


def _outboxes(seen: Snapshot) -> Iterator[Metric]:
    yield _gauge("mails_waiting", "Mails that wait to be sent.", seen.mails["waiting"])
    yield _gauge("mails_failed", "Mails that were given up.", seen.mails["failed"])
    waiting = GaugeMetricFamily(
        "massivesms_webhook_events_waiting",
        "Events that a webhook's target has not taken yet.",
        labels=["webhook"],
    )
    failures = GaugeMetricFamily(
        "massivesms_webhook_failures_in_a_row",
        "How often posting to a webhook has failed since its last success.",
        labels=["webhook"],
    )
    for row in seen.webhooks:
        waiting.add_metric([row["name"]], row["waiting"])
        failures.add_metric([row["name"]], row["failures"])
    yield waiting
    yield failures


def text(seen: Snapshot | None) -> bytes:
    """The page of a look."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(House(seen))
    found: bytes = generate_latest(registry)
    return found
