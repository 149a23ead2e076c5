"""The command `massivesms`. Exit status: 0 done, 1 refused or failed, 2 usage."""

from __future__ import annotations

import sys

import click

from . import __version__
from .commands import (
    agi,
    answers,
    audit,
    automatic,
    backup,
    blocked_numbers,
    bulk,
    campaigns,
    database,
    doctor,
    doubts,
    erase,
    imports,
    inbound,
    lists,
    mail,
    message_list,
    messages,
    metrics,
    service,
    settings,
    setup,
    takeover,
    templates,
    timetables,
    trunks,
    users,
    web,
    webhooks,
)
from .commands.context import Context
from .domain.inert_text import inert
from .errors import MassiveSmsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "file",
    metavar="FILE",
    help="Configuration file; otherwise $MASSIVESMS_CONFIG or"
    " /etc/massivesms/massivesms.conf.",
)
@click.version_option(__version__, prog_name="massivesms")
@click.pass_context
def command_line(click_context: click.Context, file: str | None) -> None:
    """Bulk SMS for Asterisk PBXs."""
    click_context.obj = Context(file)


for group in (
    database.group,
    service.run,
    service.group,
    web.web,
    users.group,
    settings.group,
    mail.group,
    trunks.group,
    lists.group,
    imports.group,
    templates.group,
    blocked_numbers.group,
    answers.group,
    campaigns.group,
    timetables.group,
    timetables.holiday_group,
    bulk.bulk,
    doubts.everything,
    messages.send,
    agi.agi,
    inbound.inbound,
    message_list.list_messages,
    erase.erase,
    webhooks.group,
    automatic.group,
    metrics.group,
    audit.audit,
    takeover.takeover,
    backup.backup,
    backup.restore,
    doctor.doctor,
    setup.setup,
):
    command_line.add_command(group)


def main() -> None:
    """Runs the command of sys.argv."""
    try:
        command_line(prog_name="massivesms")
    except MassiveSmsError as error:
        click.echo(f"massivesms: {inert(str(error))}", err=True)
        sys.exit(1)
