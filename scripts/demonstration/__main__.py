"""The demo from beginning to end; scripts/demo makes the machine ready and calls it.

Exit status: 0 when every message ended as expected, 1 when something differs or
failed, 130 after Ctrl-C before that was known.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.demonstration import arrivals, sample, show
from scripts.demonstration.house import ADMINISTRATOR, SCRIPT_TRUNK, House
from scripts.demonstration.place import ROOT, DemoFailed, Place
from scripts.demonstration.processes import ending_in_order
from scripts.demonstration.sample import Message
from tests.servers.mariadb import MariaDBError

TEXT = "¡Hola! Ya tenemos el catálogo de primavera, desde 9,95 € 🌷 Pásese a verlo."
BY_SCRIPT = 20
STUCK_AFTER_S = 60.0
LOOK_S = 0.3
INTERRUPTED = 130


@dataclass
class Sent:
    """One campaign of this run and who must get what by it."""

    name: str
    sender: str
    messages: list[Message]
    final: str  # the state in which all of them must end
    answer: dict[str, Any]  # campaign show --json
    earlier: int = 0  # campaigns of earlier runs that go on beside it


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--once", action="store_true", help="do not stay")
    parser.add_argument("--modem", action="store_true", help="through GSM modems")
    options = parser.parse_args()
    once = options.once
    directory = Path(os.environ.get("MASSIVESMS_DEMO_DIR") or ROOT / ".demo")
    try:
        with ending_in_order() as stack:
            place = Place(directory.resolve())
            house = House(place, stack, has_modems=options.modem)
            status = run(house, place, once)
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything has been ended.", file=sys.stderr)
        return INTERRUPTED
    except (DemoFailed, MariaDBError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"demo: {error.filename or directory}: {error.strerror}", file=sys.stderr)
        return 1
    return status


def run(house: House, place: Place, once: bool) -> int:
    """Sends the campaigns, holds them against what arrived, stays or ends."""
    house.open()
    campaigns = send(house, place)
    said = check(house, place, campaigns)
    if not once:
        house.write_to_one_who_leaves()
        for campaign in campaigns:
            show.show_counts(campaign.name, campaign.answer["counts"])
    total = sum(len(campaign.messages) for campaign in campaigns)
    if said:
        print("This is not as expected:", file=sys.stderr)
        for line in arrivals.shortened(said):
            print(f"  {line}", file=sys.stderr)
    else:
        print(f"All {total} messages arrived, each with its own text and number.")
    show.show_way_in(house.url, ADMINISTRATOR, place.password)
    if once:
        for campaign in campaigns:
            show.show_counts(campaign.name, campaign.answer["counts"])
    else:
        stay(house)
    return 1 if said else 0


def send(house: House, place: Place) -> list[Sent]:
    """Creates both campaigns with --run and watches them to their end."""
    number, earlier = _next_number(house)
    messages = sample.read_sample(TEXT)
    few = place.directory / "by-script.csv"
    sample.write_sample(few, messages[:BY_SCRIPT])
    print(f"Campaign Demo {number}, from {sample.SAMPLE.relative_to(ROOT)}:")
    print("(some rows are bad on purpose, so that their verdicts are seen)")
    campaigns = [
        Sent(f"Demo {number}", f"Demo{number}", messages, "delivered", {}, earlier),
        Sent(
            f"Demo {number} by script",
            f"Script{number}",
            messages[:BY_SCRIPT],
            "submitted",  # scripts have no receipts
            {},
        ),
    ]
    sources = (
        ["--csv", str(sample.SAMPLE)],
        ["--csv", str(few), "--trunk", SCRIPT_TRUNK],
    )
    for campaign, source in zip(campaigns, sources, strict=True):
        options = ["--message", TEXT, "--sender", campaign.sender, "--run", "--again"]
        made = house.command("campaign", "create", campaign.name, *options, *source)
        print(made, end="")
    for campaign in campaigns:
        watch(house, campaign)
    return campaigns


def watch(house: House, campaign: Sent) -> None:
    """Shows the progress until nothing of it can change any more.

    Raises DemoFailed when it stands still for too long.
    """
    progress = show.Progress(campaign.name)
    counts: dict[str, int] = {}
    until_s = time.monotonic() + STUCK_AFTER_S
    while True:
        campaign.answer = house.ask("campaign", "show", campaign.name)
        if campaign.answer["counts"] != counts:
            counts = campaign.answer["counts"]
            until_s = time.monotonic() + STUCK_AFTER_S
            progress.show(counts, campaign.answer["total"])
        waits_for_receipts = campaign.final == "delivered" and counts["submitted"]
        if campaign.answer["state"] == "finished" and not waits_for_receipts:
            progress.end()
            return
        house.look_after()
        if time.monotonic() > until_s:
            progress.end()
            return  # what is missing is said by check()
        time.sleep(LOOK_S)


def check(house: House, place: Place, campaigns: list[Sent]) -> list[str]:
    """Every difference between what was to be sent, what is said and what came."""
    said = []
    for campaign in campaigns:
        rows = house.ask_lines("campaign", "messages", campaign.name)
        listed = [Message(row["number"].lstrip("+"), row["text"]) for row in rows]
        said += arrivals.differences(campaign.messages, listed, "massivesms")
        said += [
            f"{row['number']}: {row['state']} {row['result']}".rstrip()
            for row in rows
            if row["state"] != campaign.final
        ]
    main_one, by_script = campaigns
    wanted = main_one.messages
    if house.has_modems:
        came = arrivals.arrived_at_modems(place.modem_log)
        came = arrivals.without_earlier(came, wanted, main_one.earlier)
        said += arrivals.differences(wanted, came, "the modems")
    else:
        came = arrivals.arrived_at_simulator(place.smsc_log, main_one.sender)
        said += arrivals.differences(wanted, came, "the simulator")
    came = arrivals.arrived_at_script(place.script_log, by_script.sender)
    wanted = arrivals.flat(by_script.messages)
    return said + arrivals.differences(wanted, came, "the script")


def stay(house: House) -> None:
    """Until Ctrl-C, as long as everything runs."""
    print("Ctrl-C ends the demo.", flush=True)
    try:
        while True:
            house.look_after()
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nEnding it in order ...", flush=True)


def _next_number(house: House) -> tuple[int, int]:
    """One more than any demo before, and how many of those go on by themselves."""
    found, earlier = [0], 0
    for campaign in house.ask("campaign", "list"):
        name = re.fullmatch(r"Demo (\d+)( by script)?", campaign["name"])
        if name:
            found.append(int(name[1]))
            if campaign["name"] in house.going_on:
                earlier += 1
                print(f"{campaign['name']} of an earlier run goes on where it stopped.")
    return max(found) + 1, earlier


if __name__ == "__main__":
    sys.exit(main())
