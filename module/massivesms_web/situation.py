"""How things stand: what campaigns are doing, and why one is not being sent.

Joins what the store says with the rules of the domain, for pages that show
campaigns. It changes nothing and words nothing beyond names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext

from massivesms.domain import connections
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.schedule import Schedule, is_ending
from massivesms.domain.settings import Settings
from massivesms.domain.states import OPEN_STATES, CampaignState, campaign_state
from massivesms.domain.waiting import Situation, TrunkView, why_waiting
from massivesms.domain.words import N_, Problem
from massivesms.store import approvals, holidays, services, trunk_sessions, trunks
from massivesms.store.db import Row, Transaction

from . import trunk_states

QUEUE_PAUSED = N_("The output queue is paused: resume it among the campaigns.")
CAMPAIGN_PAUSED = N_("Its campaign is paused: resume it on the campaign's page.")


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as a page shows it; `row` is the store's."""

    row: Row
    name: str
    state: CampaignState
    why: Problem | None  # why what is queued does not go out
    done: int  # messages that are neither queued nor on their way
    schedule: Schedule  # when it may be sent

    @property
    def is_output_queue(self) -> bool:
        """Whether it is the campaign of single messages, which stays for ever."""
        return bool(self.row["id"] == OUTPUT_QUEUE_ID)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was sent yet, so that it can be changed."""
        return not self.is_output_queue and set(self.row["counts"]) <= {"queued"}

    @property
    def is_moving(self) -> bool:
        """Whether it is being sent now, so that its speed says when it ends."""
        return self.state is CampaignState.RUNNING and self.why is None

    @property
    def is_discarding(self) -> bool:
        """Whether what was not sent yet is being discarded."""
        return self.row["discard_by"] is not None

    @property
    def is_unapproved(self) -> bool:
        """Whether a second person must approve it first."""
        return bool(self.row["approval"] == "waiting")

    def may_be_approved_by(self, name: str) -> bool:
        """Whether that person may: not who made it, nor who changed it last."""
        return approvals.may_approve(self.row, name)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to stop or resume."""
        return self.state is CampaignState.FINISHED


def gather(tx: Transaction, settings: Settings) -> Situation:
    """Everything that can hold a campaign back, as it is now."""
    slots, used = trunk_sessions.all_sessions(tx), trunk_states.used(tx)
    return Situation(
        now=datetime.now(UTC),
        time_zone=settings.time_zone,
        service_running=bool(services.running(tx)),
        sending=settings.sending,
        general_hours=settings.sending_hours,
        trunks=[
            _trunk_view(row, slots.get(row["id"], []), used.get(row["id"], {}))
            for row in trunks.all_trunks(tx)
        ],
        calendar=holidays.calendar(tx),
    )


def _trunk_view(trunk: Row, slots: list[Row], used: dict[str, int]) -> TrunkView:
    session = connections.best(slots)
    return TrunkView(
        trunk_id=trunk["id"],
        name=trunk["name"],
        active=trunk["active"],
        stopped=trunk["stopped_code"] is not None,
        ready=session is not None and session["state"] == "ready",
        full=trunk_states.full_of(trunk, used),
        prefixes=trunk["prefixes"],
    )


def view(situation: Situation, campaign: Row) -> CampaignView:
    """One campaign of the store as a page shows it."""
    counts = campaign["counts"]
    schedule = schedule_of(situation, campaign)
    state = campaign_state(
        counts,
        paused=campaign["paused"] or campaign["approval"] == "waiting",
        may_send_now=schedule.allows(situation.now),
        permanent=campaign["id"] == OUTPUT_QUEUE_ID or campaign["permanent"],
        ending=is_ending(
            situation.now, campaign["deadline_at"], campaign["discard_by"]
        ),
    )
    left = sum(counts.get(state, 0) for state in OPEN_STATES)
    return CampaignView(
        row=campaign,
        name=campaign_name(campaign["id"], campaign["name"]),
        state=state,
        why=why(situation, campaign, queued=counts.get("queued", 0), by=schedule),
        done=campaign["total"] - left,
        schedule=schedule,
    )


def schedule_of(situation: Situation, campaign: Row) -> Schedule:
    """Everything that says when a campaign may be sent."""
    general = situation.general_hours
    return situation.calendar.schedule(campaign, situation.time_zone, general)


def why(
    situation: Situation,
    campaign: Row,
    *,
    queued: int,
    trunk_id: int | None = None,
    number: str = "",
    by: Schedule | None = None,
) -> Problem | None:
    """Why messages of a campaign wait; `trunk_id` is a message's own choice.

    With its `number`, why that message waits. `by` is its schedule, where it is known.
    """
    return why_waiting(
        situation,
        queued=queued,
        paused=campaign["paused"],
        start_at=campaign["start_at"],
        hours=campaign["hours"],
        trunk_id=trunk_id or campaign["trunk_id"],
        number=number,
        deadline_at=campaign["deadline_at"],
        discarding=campaign["discard_by"] is not None,
        schedule=by or schedule_of(situation, campaign),
        unapproved=campaign["approval"] == "waiting",
    )


def why_single(
    situation: Situation,
    campaign: Row,
    trunk_id: int | None = None,
    number: str = "",
) -> Problem | None:
    """Why one message would wait, or waits, on a page that has no Resume."""
    problem = why(situation, campaign, queued=1, trunk_id=trunk_id, number=number)
    if problem is not None and problem.code == "paused":
        is_queue = campaign["id"] == OUTPUT_QUEUE_ID
        return Problem(problem.code, QUEUE_PAUSED if is_queue else CAMPAIGN_PAUSED)
    return problem


def campaign_name(campaign_id: int, name: str) -> str:
    """A campaign's name; the output queue's is the reader's language's."""
    return gettext("Output queue") if campaign_id == OUTPUT_QUEUE_ID else name
