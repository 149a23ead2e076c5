"""massivesms mail: the account by the command line, tried on a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.fakes.mail_server import MailServer, free_port
from tests.trunks.certificates import Authority

ANA = "ana@example.com"


def set_up(run: Run, port: int, *more: str) -> None:
    values = ("host=127.0.0.1", f"port={port}", "from_address=sms@example.org")
    run("mail", "set", *values, "security=none", *more).done()


def test_an_account_is_set_up_shown_and_tried(
    run: Run, process: Callable[..., object], tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    context = authority.server("127.0.0.1")
    with MailServer(tls=context, users={"ana": "contraseña"}) as server:
        run(
            *("mail", "set", "host=127.0.0.1", f"port={server.port}", "user=ana"),
            *("from_address=sms@example.org", "security=tls"),
            *(f"ca_file={authority.path}", "--password-stdin"),
            input="contraseña\n",
        ).done()
        said = run("mail", "test", ANA).done().out.splitlines()
        assert said[0] == f"Connecting to 127.0.0.1:{server.port}"
        assert said[2].startswith("The connection is encrypted (TLSv1.")
        assert said[3] == "Signed in as ana."
        assert said[-1].startswith("The server has taken the mail.")
        assert server.envelopes == [("sms@example.org", [ANA])]
        run("mail", "set", "from_name=Centralita").done()  # the password stays
        run("mail", "test", ANA).done()
        assert server.received[-1]["From"] == "Centralita <sms@example.org>"
    found = run("mail", "show", "--json").done().json
    assert found["settings"]["host"] == "127.0.0.1"
    assert found["has_password"] and "contrase" not in str(found)
    assert "contrase" not in run("mail", "show").done().out


def test_a_failure_is_one_clear_line(run: Run) -> None:
    run("mail", "test", ANA).refused("no mail account yet")
    set_up(run, free_port())
    run("mail", "test", "ana").refused("no mail address")
    run("mail", "test", ANA).refused("refuses the connection")
    with MailServer() as server:
        server.answers["RCPT"] = "550 5.1.1 No such user"
        set_up(run, server.port)
        run("mail", "test", ANA).refused("550 5.1.1 No such user")


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    run("mail", "set").misused("KEY=VALUE")
    run("mail", "set", "host").misused("not KEY=VALUE")
    run("mail", "set", "password=x").misused("--password-stdin")
    run("mail", "set", "hots=x").refused("no setting of the mail account")
    run("mail", "set", "host=x").refused("from_address")
    run("mail", "set", "host=x", "from_address=ana").refused("no mail address")


def test_a_stored_password_goes_to_no_other_server(run: Run) -> None:
    run(
        *("mail", "set", "host=a.example", "from_address=a@b.c", "user=ana"),
        "--password-stdin",
        input="secret\n",
    ).done()
    run("mail", "set", "host=evil.example").refused("Enter the password again")
    run("mail", "set", "host=b.example", "--password-stdin", input="x\n").done()
    run("mail", "set", "user=").done()
    assert not run("mail", "show", "--json").done().json["has_password"]


def test_what_waits_is_tried_now_and_the_account_can_go(run: Run, db: Database) -> None:
    assert "0 mails wait" in run("mail", "retry").done().out
    run("mail", "remove").refused("no mail account yet")
    set_up(run, 25)
    run("mail", "remove").done()
    with db.transaction() as tx:
        assert tx.value("SELECT COUNT(*) FROM mail_account") == 0


def test_doctor_says_what_mail_lacks(run: Run) -> None:
    found = {one["what"]: one for one in run("doctor", "--json").json_lines[0]}
    assert found["mail"]["good"]
    run("config", "set", "forward_to", ANA).done()
    found = {one["what"]: one for one in run("doctor", "--json").json_lines[0]}
    assert not found["mail"]["good"] and "no account" in found["mail"]["said"]
