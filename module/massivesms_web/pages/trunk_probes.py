"""The test console of a trunk: connect, send a real message, and see what comes of it.

The page only puts the message in the queue, like every other; the service sends it.
"""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain import alphabet_probe, probes
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.domain.segments import split
from massivesms.domain.singles import Single, check_single
from massivesms.domain.trunk_kinds import KINDS
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import audit, campaigns, trunk_probes, trunk_tests, trunks
from massivesms.store.db import Row, Transaction

from .. import current, once, singles, situation, trunk_states
from ..access import requires
from ..forms.trunk_probes import ProbeForm
from . import trunk_tests as tests_page

blueprint = Blueprint("trunk_probes", __name__, url_prefix="/trunks")


@blueprint.get("/<int:trunk_id>/console")
@requires(Permission.TRUNKS)
def show(trunk_id: int) -> str:
    """The console with the last test and the last probe."""
    trunk = _trunk(trunk_id)
    form = ProbeForm(formdata=None)
    form.text.data = alphabet_probe.probe_text(trunk["kind"], trunk["settings"])
    form.once.data = once.new_token()
    return _page(trunk, form)


@blueprint.post("/<int:trunk_id>/console")
@requires(Permission.TRUNKS)
def ask(trunk_id: int) -> Response | str | tuple[str, int]:
    """Says what would be sent and what it costs; confirmed, it is sent once.

    Only for those who may send messages at all.
    """
    trunk = _trunk(trunk_id)
    if not current_user.may(Permission.SEND):
        abort(403)
    form = ProbeForm()
    is_valid = form.validate()
    single = _checked(trunk, form)
    if not isinstance(single, Single) or not is_valid:
        form.confirmed.data = ""
        return _page(trunk, form), 422
    if form.confirmed.data != "yes":
        form.confirmed.data = "yes"
        return _page(trunk, form, single)
    try:
        probe_id = current.db().atomically(
            lambda tx: _request(tx, trunk, single, form.once.data or "")
        )
    except StoreError as error:  # the number was erased
        current.show_problems(form, {"number": error.problem})
        return _page(trunk, form), 422
    address = url_for("trunk_probes.watch", trunk_id=trunk_id, probe_id=probe_id)
    return redirect(address)


@blueprint.get("/<int:trunk_id>/console/<int:probe_id>")
@requires(Permission.TRUNKS)
def watch(trunk_id: int, probe_id: int) -> str:
    """What a probe has shown so far; htmx fetches only that."""
    trunk = _trunk(trunk_id)
    with current.db().transaction() as tx:
        row = _of_trunk(trunk_probes.by_id(tx, probe_id), trunk_id)
        values = _values(tx, trunk, row)
    is_part = "HX-Request" in request.headers
    template = "trunk_probes/_steps.html" if is_part else "trunk_probes/watch.html"
    return render_template(template, **values)


@blueprint.post("/<int:trunk_id>/console/<int:probe_id>/seen")
@requires(Permission.TRUNKS)
def see(trunk_id: int, probe_id: int) -> Response:
    """Keeps what a person saw on the phone: it tells the operator's alphabet."""
    trunk, actor = _trunk(trunk_id), current.actor()
    seen = request.form.get("seen", "")
    with current.db().transaction() as tx:
        row = _of_trunk(trunk_probes.by_id(tx, probe_id), trunk_id)
        known = {alphabet_probe.OTHER, *(r.alphabet for r in _readings(trunk, row))}
        if seen not in known:
            abort(400)
        trunk_probes.see(tx, probe_id, seen)
        details = {"message_id": row["message_id"], "seen": seen}
        audit.record(tx, actor, "trunk.probe_seen", trunk["name"], details)
    address = url_for("trunk_probes.watch", trunk_id=trunk_id, probe_id=probe_id)
    return redirect(address)


def _trunk(trunk_id: int) -> Row:
    with current.db().transaction() as tx:
        row = trunks.by_id(tx, trunk_id)
    return row or abort(404)


def _of_trunk(row: Row | None, trunk_id: int) -> Row:
    if row is None or row["trunk_id"] != trunk_id:
        abort(404)
    return row


def _checked(trunk: Row, form: ProbeForm) -> Single | None:
    """The message as it will leave; None when the form says why not."""
    plan = current.settings().number_plan
    single = check_single(form.number.data, form.text.data, "", plan)
    if isinstance(single, Single):
        blocked = singles.why_blocked(single, OUTPUT_QUEUE_ID)
        reason = probes.why_not(trunk, service_runs=current.service_running())
        single = blocked or ({"trunk": reason} if reason else single)
    if isinstance(single, Single):
        return single
    current.show_problems(form, single)
    return None


def _request(tx: Transaction, trunk: Row, single: Single, token: str) -> int:
    """Queues it once for each token of a form; the probe's id."""
    known = once.earlier(tx, token)
    if known is not None:
        return known
    probe_id = trunk_probes.request(tx, trunk, single, current.actor())
    once.remember(tx, token, probe_id)
    return probe_id


def _page(trunk: Row, form: ProbeForm, single: Single | None = None) -> str:
    """The console; with a `single` it asks whether that is really to be sent."""
    with current.db().transaction() as tx:
        now = trunk_states.one_now(tx, trunk)
        test = trunk_tests.latest(tx, trunk["id"])
        row = trunk_probes.latest(tx, trunk["id"])
        values = _values(tx, trunk, row) if row else {"probe": None}
    reason = probes.why_not(trunk, service_runs=current.service_running())
    return render_template(
        "trunk_probes/show.html",
        form=form,
        now=now,
        kind=KINDS[trunk["kind"]],
        single=single,
        reason=reason,
        split=split(single.text) if single else None,
        cost=_cost(trunk, single),
        **{**tests_page.values(trunk, test), **values, "trunk": trunk},
    )


def _cost(trunk: Row, single: Single | None) -> Decimal | None:
    price: Decimal | None = trunk["cost_per_segment"]
    return price * single.segments if single and price is not None else None


def _values(tx: Transaction, trunk: Row, row: Row) -> dict[str, object]:
    """What the steps' template needs."""
    probe = trunk_probes.of_trunk(tx, trunk, row, _why(tx, trunk, row))
    assert probe is not None  # noqa: S101 - made of a row
    may_arrive = probe.is_open or probe.has_left
    return {
        "trunk": trunk,
        "probe": probe,
        "steps": probes.steps(probe),
        "readings": _readings(trunk, row) if may_arrive else [],
        "found": probes.alphabet_found(probe),
        "other": alphabet_probe.OTHER,
        "can_set": alphabet_probe.is_a_setting(trunk["kind"]),
    }


def _why(tx: Transaction, trunk: Row, row: Row) -> Problem | None:
    """Why a probe waits; None when it does not, or nobody knows why."""
    queue = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
    if row["state"] != "queued" or queue is None:
        return None
    now = situation.gather(tx, current.settings())
    return situation.why_single(now, queue, trunk["id"], row["number"])


def _readings(trunk: Row, row: Row) -> list[alphabet_probe.Reading]:
    """What the phone may show; only what is right, where no setting can be wrong."""
    if not row["characters"]:
        return []
    found = alphabet_probe.readings(row["characters"], row["alphabet"])
    return found if alphabet_probe.is_a_setting(trunk["kind"]) else found[:1]
