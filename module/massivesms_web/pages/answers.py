"""Opt-outs and answers: the words, what is told, and trying out what a text means.

That it is done is the service's, when a message comes in (engine/answers.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.answer_rules import (
    MATCHING_LABELS,
    AnswerRule,
    Understood,
    check_rule,
    understand,
)
from massivesms.domain.answer_settings import ANSWER_SETTINGS
from massivesms.domain.handled import HANDLED
from massivesms.domain.permissions import Permission
from massivesms.store import answer_rules, opt_outs

from .. import current, settings_changes
from ..access import requires
from ..forms.answers import (
    AnswersForm,
    OptOutForm,
    RuleForm,
    TryForm,
    rule_data,
)

blueprint = Blueprint("answers", __name__, url_prefix="/configuration/answers")

MOST_TRIED = 5000  # characters


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """All of it as it is."""
    return _page()


@blueprint.post("/opt-outs")
@requires(Permission.CONFIGURATION)
def save_opt_outs() -> Response | tuple[str, int]:
    """Stores the words of opt-outs and what is told; nothing when one is wrong."""
    form = OptOutForm()
    if problems := settings_changes.change(form.entered()):
        current.show_problems(form, problems)
        return _page(out_form=form), 422
    flash(_("What opt-outs are is saved."), "success")
    return redirect(url_for("answers.show"))


@blueprint.post("/limits")
@requires(Permission.CONFIGURATION)
def save_answers() -> Response | tuple[str, int]:
    """Stores when and how often something is answered."""
    form = AnswersForm()
    if problems := settings_changes.change(form.entered()):
        current.show_problems(form, problems)
        return _page(answers_form=form), 422
    flash(_("The automatic answers are saved."), "success")
    return redirect(url_for("answers.show"))


@blueprint.post("/try")
@requires(Permission.CONFIGURATION)
def try_out() -> str:
    """What would be done with a text, and why; nothing is written or sent."""
    form = TryForm()
    text = (form.text.data or "")[:MOST_TRIED]
    settings = current.settings()
    with current.db().transaction() as tx:
        rules = answer_rules.every(tx)
    local = datetime.now(UTC).astimezone(settings.time_zone)
    found = understand(text, settings.answers, rules, local)
    if "HX-Request" in request.headers:
        return render_template("answers/_verdict.html", **_verdict(found))
    return _page(try_form=form, found=found)


@blueprint.route("/keywords/new", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def new() -> Response | str | tuple[str, int]:
    """A new keyword answer."""
    return _edit(None)


@blueprint.route("/keywords/<int:rule_id>", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def edit(rule_id: int) -> Response | str | tuple[str, int]:
    """One keyword answer."""
    return _edit(_rule(rule_id))


@blueprint.route("/keywords/<int:rule_id>/remove", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def remove(rule_id: int) -> Response | str:
    """Takes a keyword answer away, after a confirmation."""
    rule, actor = _rule(rule_id), current.actor()
    if current.is_form():
        with current.db().transaction() as tx:
            answer_rules.remove(tx, rule, actor)
        flash(_("The answer to %(words)s is removed.", words=rule.words), "success")
        return redirect(url_for("answers.show"))
    return render_template(
        "confirm.html",
        title=_("Remove the answer to %(words)s?", words=rule.words),
        text=_("Nobody who writes these words is answered any more."),
        lost=[rule.text],
        button=_("Remove the answer"),
        action=url_for("answers.remove", rule_id=rule_id),
        cancel=url_for("answers.show"),
    )


def _rule(rule_id: int) -> AnswerRule:
    with current.db().transaction() as tx:
        rule = answer_rules.by_id(tx, rule_id)
    return rule or abort(404)


def _edit(rule: AnswerRule | None) -> Response | str | tuple[str, int]:
    form = RuleForm(data=rule_data(rule or AnswerRule("", "")))
    form.offer()
    if not form.is_submitted():
        return render_template("answers/edit.html", form=form, rule=rule)
    entered = form.rule(rule.id if rule else 0)
    if problems := check_rule(entered, current.settings().answers):
        current.show_problems(form, problems)
        return render_template("answers/edit.html", form=form, rule=rule), 422
    actor = current.actor()
    with current.db().transaction() as tx:
        if rule is None:
            answer_rules.create(tx, entered, actor)
        elif entered != rule:
            answer_rules.change(tx, rule, entered, actor)
    flash(_("The answer to %(words)s is saved.", words=entered.words), "success")
    return redirect(url_for("answers.show"))


def _verdict(found: Understood) -> dict[str, Any]:
    """What the templates of a verdict are given."""
    return {
        "found": found,
        "kind": _(HANDLED[found.kind]) if found.kind else "",
        "is_stopped": not current.settings().sending,
        "is_silent": not current.settings().answers.automatic,
    }


def _page(
    out_form: OptOutForm | None = None,
    answers_form: AnswersForm | None = None,
    try_form: TryForm | None = None,
    found: Understood | None = None,
) -> str:
    settings = current.settings()
    texts = settings.texts
    out_form = out_form or OptOutForm(formdata=None, data=OptOutForm.shown(texts))
    if answers_form is None:
        answers_form = AnswersForm(formdata=None, data=AnswersForm.shown(texts))
    answers_form.opening_days.offer()
    with current.db().transaction() as tx:
        rules = answer_rules.every(tx)
        last = opt_outs.last(tx)
    return render_template(
        "answers/show.html",
        out_form=out_form,
        answers_form=answers_form,
        try_form=try_form or TryForm(formdata=None),
        verdict=_verdict(found) if found else {},
        rules=rules,
        last=last,
        matching=MATCHING_LABELS,
        hints={name: spec[2] for name, spec in ANSWER_SETTINGS.items()},
        general_hours=settings.sending_hours,
    )
