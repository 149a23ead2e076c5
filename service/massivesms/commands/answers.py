"""massivesms answers try | list | add | remove"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from ..domain.answer_rules import AnswerRule, Matching, check_rule, understand
from ..domain.keywords import read_phrases
from ..domain.words import N_, Problem
from ..store import answer_rules
from .context import Context, json_option, pass_context, refuse, show_json, show_table

HEADS = ("id", "words", "matching", "hours", "days", "active", "text")


@click.group("answers")
def group() -> None:
    """Opt-outs and answers to what people write."""


@group.command("try")
@click.argument("text")
@json_option
@pass_context
def try_out(context: Context, text: str, as_json: bool) -> None:
    """Say what would be done with a text and why; nothing is sent."""
    with context.db.transaction() as tx:
        rules = answer_rules.every(tx)
    settings = context.settings
    local = datetime.now(UTC).astimezone(settings.time_zone)
    found = understand(text, settings.answers, rules, local)
    answer = found.answer if settings.answers.automatic else ""
    if as_json:
        shown = {"does": str(found.kind), "keyword": found.keyword, "answer": answer}
        show_json({**shown, "why": str(found.why)})
        return
    click.echo(f"{found.kind or 'nothing'}: {found.why}")
    if answer:
        click.echo(f"Answer: {answer}")


@group.command("list")
@json_option
@pass_context
def list_answers(context: Context, as_json: bool) -> None:
    """Show all keyword answers; with --json, one object a line."""
    with context.db.transaction() as tx:
        rows = [asdict(rule) for rule in answer_rules.every(tx)]
    if as_json:
        for row in rows:
            show_json({key: row[key] for key in HEADS})
    else:
        shown = [tuple(row[key] for key in HEADS) for row in rows]
        show_table(shown, HEADS)


@group.command()
@click.argument("words")
@click.argument("text")
@click.option(
    "--matching",
    type=click.Choice([str(one) for one in Matching]),
    default=str(Matching.ALONE),
    help="Where a keyword stands in the text.",
)
@click.option("--hours", default="", help="HH:MM-HH:MM, local; otherwise always.")
@click.option("--days", default="", help="1,2,...: Monday is 1; otherwise all.")
@click.option("--inactive", is_flag=True, help="Make it without using it.")
@json_option
@pass_context
def add(
    context: Context,
    words: str,
    text: str,
    matching: str,
    hours: str,
    days: str,
    inactive: bool,
    as_json: bool,
) -> None:
    """Answer keywords, with commas between them, by a text."""
    cleaned = ", ".join(read_phrases(words))
    rule = AnswerRule(cleaned, text, Matching(matching), not inactive, hours, days)
    if problems := check_rule(rule, context.settings.answers):
        raise refuse(problems)
    actor = context.actor
    rule_id = context.db.atomically(lambda tx: answer_rules.create(tx, rule, actor))
    if as_json:
        show_json({"id": rule_id})
    else:
        click.echo(f"{cleaned} is answered now (id {rule_id}).")


@group.command()
@click.argument("rule_id", type=int, metavar="ID")
@pass_context
def remove(context: Context, rule_id: int) -> None:
    """Answer these keywords no longer."""
    actor = context.actor
    with context.db.transaction() as tx:
        rule = answer_rules.by_id(tx, rule_id)
        if rule is not None:
            answer_rules.remove(tx, rule, actor)
    if rule is None:
        words = N_("There is no keyword answer %(id)s.")
        raise refuse(Problem("answer_unknown", words, id=rule_id))
    click.echo(f"{rule.words} is no longer answered.")
