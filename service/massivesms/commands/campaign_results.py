"""What came of a campaign, as the command line shows it: in lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..domain import results
from ..domain.campaign_figures import Figures
from ..store import campaign_figures, campaign_results, trunks
from ..store.db import Row, Transaction


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of one campaign and the reasons of its bad ends."""

    figures: Figures
    reasons: list[Row]
    trunk_names: dict[int, str]

    def as_json(self) -> dict[str, Any]:
        """Of each group its messages, segments and share, and the same of its parts."""
        found: dict[str, Any] = {"total": self.figures.total}
        for total in self.figures.totals:
            found[total.name] = {
                "messages": total.messages,
                "segments": total.segments,
                "percent": float(total.percent),
            }
            if len(total.figures) > 1:
                found[total.name]["of_which"] = {
                    one.name: one.messages for one in total.figures
                }
        return {**found, **self._billing(), **self._tables()}

    def lines(self) -> Iterator[str]:
        """What has any messages, with the cost and the reasons."""
        for total in self.figures.totals:
            if not total.messages:
                continue
            parts = [one for one in total.figures if one.messages]
            named = ", ".join(f"{one.line.label} {one.messages}" for one in parts)
            ending = f"  ({named})" if len(total.figures) > 1 else ""
            share = f"{total.percent:>5.1f} %"
            yield f"{total.group.label:<12} {total.messages:>8} {share}{ending}"
        billed, segments = self.figures.billed(True)
        cost = self.figures.cost
        said = f", cost {cost:f}" if cost is not None else ""
        yield f"billed {billed} messages, {segments} segments{said}"
        if self.figures.unpriced:
            yield f"no price is known of {', '.join(self._names())}"
        for row in self.reasons:
            words = results.text(row["result_code"], row["detail"])
            yield f"  {row['messages']:>8}  {row['state']:<12} {words}"

    def _names(self) -> list[str]:
        return [self._name(one) for one in self.figures.unpriced]

    def _name(self, trunk_id: int) -> str:
        return self.trunk_names.get(trunk_id, f"#{trunk_id}" if trunk_id else "-")

    def _billing(self) -> dict[str, Any]:
        kinds = {"billed": True, "perhaps_billed": None, "not_billed": False}
        cost = self.figures.cost
        return {
            **{
                name: dict(
                    zip(
                        ("messages", "segments"),
                        self.figures.billed(which),
                        strict=True,
                    )
                )
                for name, which in kinds.items()
            },
            "cost": None if cost is None else f"{cost:f}",
            "without_price": self._names(),
        }

    def _tables(self) -> dict[str, Any]:
        return {
            "trunks": [
                {
                    "trunk": self._name(one.trunk_id),
                    "messages": one.messages,
                    "sent": one.sent,
                    "delivered": one.counts.get("delivered", 0),
                    "billed_segments": one.billed_segments,
                    "cost": None if one.cost is None else f"{one.cost:f}",
                }
                for one in self.figures.trunks
            ],
            "reasons": [
                {
                    "state": row["state"],
                    "code": row["result_code"],
                    "detail": row["detail"],
                    "trunk": self._name(row["trunk_id"]) if row["trunk_id"] else None,
                    "messages": row["messages"],
                    "words": results.text(row["result_code"], row["detail"]),
                }
                for row in self.reasons
            ],
        }


def look(tx: Transaction, campaign_id: int) -> Found:
    """What came of one campaign so far."""
    return Found(
        campaign_figures.of_campaign(tx, campaign_id),
        campaign_results.by_code(tx, campaign_id),
        trunks.names(tx),
    )
