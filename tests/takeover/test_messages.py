"""The original's campaigns and messages: each keeps what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from massivesms.config import Config
from tests.cli.conftest import in_process
from tests.takeover.conftest import Query, Take
from tests.takeover.looking import notes, state_of, trunk_id


def test_what_was_sent_stays_sent_with_its_time_and_trunk(
    take: Take, query: Query
) -> None:
    take().done()
    state, code, detail, text, _, trunk = state_of(query, "600000100")
    assert (state, code, text) == ("submitted", "taken_over", "Su cita: mañana")
    assert detail == "[0] Message delivered for sending"
    assert trunk == trunk_id(query, "Guion")
    at = query("SELECT submitted_at FROM message WHERE number = '+34600000100'")
    assert at == ((datetime(2012, 7, 2, 8, 0),),)  # Madrid, in summer


STATES = {
    "600000201": ("queued", None),
    "600000202": ("queued", "taken_over_again"),
    "600000203": ("rejected", "taken_over"),
    "600000204": ("in_doubt", "taken_over_doubt"),
    "600000206": ("cancelled", "taken_over_stopped"),
    "600000207": ("in_doubt", "taken_over_unknown"),
    "600000208": ("in_doubt", "taken_over_unknown"),
    "600000209": ("in_doubt", "taken_over_doubt"),
    "600000102": ("in_doubt", "taken_over_doubt"),
    "600000301": ("cancelled", "taken_over_finished"),
}


def test_each_status_becomes_a_state_and_what_may_have_left_is_in_doubt(
    take: Take, query: Query
) -> None:
    take().done()
    assert {number: state_of(query, number)[:2] for number in STATES} == STATES


def test_nothing_that_waits_can_be_sent_before_a_person_says_so(
    take: Take, query: Query
) -> None:
    report = take("--json").done().json
    assert not query(
        "SELECT m.id FROM message m JOIN campaign c ON c.id = m.campaign_id"
        " WHERE m.state = 'queued' AND (c.paused = 0 OR c.kind = 'output_queue')"
    )
    assert "It is paused; 3 of its messages wait" in notes(report, "Rebajas")
    queue = query("SELECT paused FROM campaign WHERE kind = 'output_queue'")
    assert queue == ((0,),)  # ours goes on


def test_its_output_queue_becomes_a_paused_campaign(take: Take, query: Query) -> None:
    take().done()
    rows = query(
        "SELECT m.number, m.state, m.text FROM message m JOIN campaign c"
        " ON c.id = m.campaign_id WHERE c.name = 'Cola de Salida (massive_sms)'"
        " ORDER BY m.id"
    )
    assert rows == (
        ("+34600000100", "submitted", "Su cita: mañana"),
        ("+34600000101", "queued", "Aún sin enviar"),
        ("+34600000102", "in_doubt", "En camino"),
    )


def test_a_campaign_keeps_its_schedule_sender_and_trunk(
    take: Take, query: Query
) -> None:
    report = take("--json").done().json
    columns = "text, sender_id, trunk_id, start_at, hours_from, hours_to, paused"
    found = {row[0]: row[1:] for row in query(f"SELECT name, {columns} FROM campaign")}
    assert found["Rebajas"] == (
        *("Rebajas de invierno", "TIENDA", trunk_id(query, "Operador")),
        datetime(2012, 1, 6, 23, 0),  # midnight in Madrid
        *(timedelta(hours=8), timedelta(hours=20), 1),
    )
    assert found["Terminada"][4:6] == (None, None)  # the whole day
    assert found["Parada"][:4] == ("Hola", "", None, None)
    assert "sender demasiado largo was left out" in notes(report, "Parada")
    assert "trunk was not taken over" in notes(report, "Parada")
    assert "stopped it itself: Invalid password" in notes(report, "Parada")
    assert found["Doble"][0] == "Mañana, 5€"
    assert found["rebájas (massive_sms)"][0] == ""


def test_a_message_for_another_trunk_than_its_campaigns_is_pinned_to_it(
    take: Take, query: Query
) -> None:
    take().done()
    pinned = query(
        "SELECT number, route_trunk_id FROM message WHERE pinned = 1 ORDER BY id"
    )
    guion = trunk_id(query, "Guion")
    assert pinned == (
        ("+34600000100", guion),
        ("+34600000101", guion),
        ("+34600000205", guion),
    )


def test_a_message_that_could_not_be_sent_is_kept_as_a_bad_row(
    take: Take, query: Query
) -> None:
    take().done()
    rows = query(
        "SELECT p.number, p.row_text, p.code FROM import_problem p"
        " JOIN import i ON i.id = p.import_id WHERE i.campaign_id IS NOT NULL"
        " ORDER BY p.id"
    )
    assert rows == (
        ("6000", "Número corto", "too_short"),
        ("600000701", None, "text_missing"),
    )


def test_the_counts_are_those_of_the_messages(take: Take, query: Query) -> None:
    take().done()
    counted = query(
        "SELECT campaign_id, state, trunk_id, messages, segments FROM campaign_count"
        " WHERE messages <> 0 ORDER BY 1, 2, 3"
    )
    there = query(
        "SELECT campaign_id, state, COALESCE(trunk_id, 0), COUNT(*), SUM(segments)"
        " FROM message GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert counted == there


def test_numbers_that_were_erased_here_do_not_come_back(
    take: Take, query: Query, config: Config
) -> None:
    for number in ("+34600000003", "+34600000201"):  # twice in a list; one that waits
        in_process("--config", config.file, "erase", number).done()
    dry = take("--dry-run", "--json").done().json
    report = take("--json").done().json
    assert dry["parts"] == report["parts"]
    assert report["parts"]["number"] == {"taken": 6, "already": 0, "not_taken": 8}
    assert report["parts"]["message"]["not_taken"] == 4
    assert "2 of its rows were not taken" in notes(report, "Clientes")
    assert "erased on request" in notes(report, "Rebajas")
    for table in ("contact", "message", "import_problem"):
        for end in ("600000003", "600000201"):
            sql = f"SELECT number FROM {table} WHERE number LIKE %s"
            assert query(sql, f"%{end}") == (), table
    kept = query("SELECT number, row_text FROM import_problem WHERE code = 'erased'")
    assert kept == (("", None),) * 3
    assert query(
        "SELECT refused FROM import i JOIN list l ON l.id = i.list_id"
        " WHERE l.name = 'Clientes' AND i.campaign_id IS NULL"
    ) == ((5,),)
    again = take("--json").done().json
    assert again["parts"]["number"]["taken"] == 0
