"""massivesms doctor: what is wrong, in one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from .. import script_files
from ..config import Config
from ..domain import results, webhook_results
from ..engine import daemon
from ..errors import MassiveSmsError
from ..store import (
    call_record_outbox,
    call_records,
    grants,
    migrations,
    sent_call_records,
    services,
    trunks,
    users,
    webhooks,
)
from ..store import settings as stored_settings
from .context import Context, Refused, json_option, pass_context, show_json

RUN_SETUP = "Run as root: massivesms setup"
#: What there is when the PBX's menu shows us.
MENUS = {
    "issabel": Path("/var/www/html/modules/massivesms"),
    "freepbx": Path("/var/www/html/admin/modules/massivesms/module.xml"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    said: str


@click.command()
@json_option
@pass_context
def doctor(context: Context, as_json: bool) -> None:
    """Look at everything that sending needs; exit status 1 when something is wrong."""
    findings = list(_findings(context))
    if as_json:
        keys = ("what", "good", "said")
        show_json([{k: getattr(f, k) for k in keys} for f in findings])
    else:
        for finding in findings:
            mark = "ok  " if finding.good else "BAD "
            click.echo(f"{mark} {finding.what:<14} {finding.said}")
    bad = sum(not finding.good for finding in findings)
    if bad:
        raise Refused(f"{bad} of {len(findings)} things need you")


def _findings(context: Context) -> Iterator[Finding]:
    yield _try("configuration", lambda: _configuration(context))
    yield _try("key file", lambda: _key(context))
    schema = _try("database", lambda: _schema(context))
    yield schema
    if schema.good:
        yield _try("rights", lambda: _rights(context))
    yield from _pbx(context)
    yield _try("service", lambda: _service(context))
    yield _try("scripts", lambda: _scripts(context))
    if schema.good:
        yield _try("numbers", lambda: _numbers(context))
        yield _try("users", lambda: _users(context))
        yield _try("sending", lambda: _sending(context))
        yield from _trunks(context)
    if schema.good:
        yield _try("webhooks", lambda: _webhooks(context))
    yield _try("call records", lambda: _calls(context))
    if schema.good and context.settings.write_call_records:
        yield _try("sent messages", lambda: _sent(context))


def _try(what: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        good, said = look()
    except MassiveSmsError as error:
        return Finding(what, False, str(error))
    return Finding(what, good, said)


def _configuration(context: Context) -> tuple[bool, str]:
    file = context.config.file
    if context.config.database.password and file.stat().st_mode & 0o007:
        return (
            False,
            f"everybody can read its password. Run: chmod 640 {file}",
        )
    return True, str(file)


def _key(context: Context) -> tuple[bool, str]:
    context.config.secret_key()
    return True, str(context.config.secret_key_file)


def _schema(context: Context) -> tuple[bool, str]:
    migrations.check(context.db)
    return True, f"{context.config.database.name}, up to date"


def _rights(context: Context) -> tuple[bool, str]:
    """What the database's user may do: all that is needed, and not the audit."""
    database, cdr = context.config.database, context.config.cdr
    wanted = grants.of_our_tables(database.name, migrations.tables())
    texts = context.db.atomically(stored_settings.load)
    if texts.get(grants.WRITE_CALL_RECORDS) == "yes" and cdr.user == database.user:
        wanted[(cdr.name, cdr.table)] = grants.READ_AND_ADD
    lacks = context.db.atomically(
        lambda tx: grants.lacking(tx, grants.mine(tx), wanted)
    )
    if lacks:
        table = ".".join(min(lacks))
        return False, f"{database.user} lacks rights on {table}. {RUN_SETUP}"
    if grants.can_change_audit(context.db):
        return False, f"{database.user} could change the audit. {RUN_SETUP}"
    return True, f"{database.user} cannot change the audit"


def _pbx(context: Context) -> Iterator[Finding]:
    """The PBX's menu, and the key that it shares with the pages."""
    try:
        config = context.config
    except MassiveSmsError:
        return  # said already
    if not config.pbx.kind:
        yield Finding("PBX", True, "none: massivesms stands alone")
    else:
        yield _try("sign-on key", lambda: _sign_on_key(config))
        place = MENUS[config.pbx.kind]
        said = str(place) if place.exists() else f"{place} is missing. {RUN_SETUP}"
        yield Finding("menu", place.exists(), said)


def _sign_on_key(config: Config) -> tuple[bool, str]:
    config.sso_key()
    return True, str(config.sso_key_file)


def _service(context: Context) -> tuple[bool, str]:
    beating = context.db.atomically(services.running)
    pid = daemon.running_pid(context.config)
    if beating:
        where = ", ".join(f"{s['host']} process {s['pid']}" for s in beating)
        return True, f"running: {where}"
    if pid is not None:
        return False, f"process {pid} runs, but the database does not hear of it"
    return False, "not running. Run: service massivesms start"


def _scripts(context: Context) -> tuple[bool, str]:
    directory = context.config.scripts_dir
    if not directory.is_dir():
        return True, f"{directory} does not exist (only script trunks need it)"
    return True, f"{directory}: {len(script_files.names(directory))} scripts"


def _numbers(context: Context) -> tuple[bool, str]:
    plan = context.settings.number_plan
    if not plan.country_code:
        return False, "no country code. Run: massivesms config set country_code 34"
    prefixes = ",".join(plan.mobile_prefixes) or "any"
    return True, f"+{plan.country_code}, mobile prefixes {prefixes}"


def _users(context: Context) -> tuple[bool, str]:
    active = [u for u in context.db.atomically(users.all_users) if u["active"]]
    if not any("users" in user["permissions"] for user in active):
        if context.config.pbx.kind:
            return True, "the administrators of the PBX come in by its menu"
        hint = "massivesms user add NAME --role administrator"
        return False, f"no administrator. Run: {hint}"
    return True, f"{len(active)} active"


def _sending(context: Context) -> tuple[bool, str]:
    if not context.settings.sending:
        return False, "all sending is off. Run: massivesms config set sending yes"
    hours = context.settings.sending_hours
    return True, f"allowed {hours or 'at any hour'} ({context.settings.time_zone})"


def _trunks(context: Context) -> Iterator[Finding]:
    rows = context.db.atomically(trunks.all_trunks)
    if not rows:
        yield Finding("trunks", False, "none yet. Run: massivesms trunk add")
    for row in rows:
        what = f"trunk {row['name']}"
        if row["stopped_code"]:
            said = results.text(row["stopped_code"], row["stopped_detail"])
            yield Finding(what, False, said)
        else:
            yield Finding(what, True, "on" if row["active"] else "off")


def _webhooks(context: Context) -> tuple[bool, str]:
    trouble = context.db.atomically(webhooks.trouble)
    if trouble is None:
        return True, f"{len(context.db.atomically(webhooks.ids))}"
    said = webhook_results.text(trouble["error_code"], trouble["error_detail"])
    return False, f"{trouble['name']}: {said}"


def _sent(context: Context) -> tuple[bool, str]:
    sent_call_records.check(context.config.cdr)
    waiting = context.db.atomically(call_record_outbox.waiting)
    return True, f"are written into the call records; {waiting} wait"


def _calls(context: Context) -> tuple[bool, str]:
    try:
        call_records.check(context.config.cdr)
    except MassiveSmsError as error:
        return True, f"not available (lists from calls need them): {error}"
    return True, f"{context.config.cdr.name}.{context.config.cdr.table}"
