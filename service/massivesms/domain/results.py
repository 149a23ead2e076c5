"""The words for every result code that the engine writes and the pages show.

Codes are stable and stored; the sentences are translated where they are shown.
The codes of SMPP statuses are in trunks/smpp, which builds them as smpp_XXXXXXXX;
their words are here too, so that the pages need no trunk.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import asterisk_reasons, http_reasons, receipt_errors
from .modem_errors import ERROR_WORDS
from .smpp_status import STATUS_WORDS
from .words import N_, Problem, result_words

RESULTS: Mapping[str, str] = {
    # Messages
    "cancelled": N_("Cancelled by %(detail)s before it was sent."),
    "blocked": N_("The number is blocked: nothing is sent to it."),
    "discarded": N_("Discarded by %(detail)s with what its campaign had not sent."),
    "schedule_expired": N_(
        "Not sent before the deadline of its campaign (%(detail)s)."
    ),
    "answer_late": N_(
        "It could not be sent in time: an answer that comes hours later helps nobody."
    ),
    "opted_out": N_("Its owner has opted out: nothing is sent to it."),
    "assumed_sent": N_("%(detail)s decided that it was sent; no answer ever came."),
    "assumed_by_rule": N_("Taken as sent by its campaign's rule; no answer ever came."),
    "no_trunk_for_number": N_("No trunk serves this number."),
    "no_trunk_left": N_("No other trunk is left to try. The last one said: %(detail)s"),
    "answer_timeout": N_("The operator did not answer in time."),
    "link_lost": N_("The connection broke before the operator answered. %(detail)s"),
    "unbound_by_operator": N_("The operator ended the session before answering."),
    "service_died": N_("The service stopped while this message was on its way."),
    "lease_lost": N_("Another service took over the trunk."),
    "trunk_down": N_("The trunk could not send: %(detail)s"),
    "text_not_encodable": N_("The trunk's alphabet cannot carry this text: %(detail)s"),
    "receipt_undelivered": N_("The operator could not deliver it. %(detail)s"),
    "receipt_expired": N_("The operator gave up delivering it. %(detail)s"),
    "receipt_rejected": N_("The operator refused it later. %(detail)s"),
    # Taken over from the original module, and from a backup
    "taken_over": N_("Taken over from the original module. %(detail)s"),
    "taken_over_again": N_(
        "The original module could not send it and was to try again: %(detail)s"
    ),
    "taken_over_doubt": N_(
        "The original module had it in hand when it was taken over: whether it left"
        " is not known. %(detail)s"
    ),
    "taken_over_unknown": N_(
        "What the original module did with it is not known: its state there was"
        " “%(detail)s”."
    ),
    "taken_over_stopped": N_("The original module had stopped it. %(detail)s"),
    "taken_over_finished": N_(
        "The original module ended its campaign without sending it. %(detail)s"
    ),
    "restored_in_flight": N_(
        "It was on its way when the backup was made: whether it arrived is not known."
    ),
    # Scripts
    "script_sent": N_("The script sent it: %(detail)s"),
    "script_failed": N_("The script could not send it: %(detail)s"),
    "script_refused": N_("The script refused the message: %(detail)s"),
    "script_stopped_trunk": N_("The script stopped the trunk: %(detail)s"),
    "script_timeout": N_("The script did not end in time and was killed."),
    "script_killed": N_("The script was killed by a signal (%(detail)s)."),
    "script_unreadable": N_(
        "The script's answer is not ret_code;message;stop_trunk;stop_message:"
        " %(detail)s"
    ),
    "script_not_started": N_("The script could not be started: %(detail)s"),
    "script_missing": N_("There is no script %(detail)s in the scripts' directory."),
    "script_not_executable": N_(
        "The script %(detail)s is not executable. Run: chmod 755 %(detail)s"
    ),
    "script_not_a_file": N_("The script %(detail)s is a link or no regular file."),
    "script_writable": N_(
        "The script %(detail)s can be changed by others than its owner."
        " Run: chmod 755 %(detail)s"
    ),
    "script_name": N_(
        "%(detail)s is no name of a script: use letters, digits, dots and dashes,"
        " without a path."
    ),
    "number_refused": N_("A number or sender that begins with a dash is not sent."),
    # Sessions
    "connecting": N_("Connecting to %(detail)s"),
    "connected": N_("Connected to %(detail)s"),
    "bound": N_("Signed in at the operator. %(detail)s"),
    "unbound": N_("Signed out again."),
    "script_ready": N_("The script %(detail)s can be run."),
    "script_said": N_("The script answered: %(detail)s"),
    "connection_refused": N_("The server %(detail)s refuses the connection."),
    "connection_timeout": N_("The server %(detail)s does not answer."),
    "connection_failed": N_("The server cannot be reached: %(detail)s"),
    "host_unknown": N_("There is no server called %(detail)s."),
    "tls_failed": N_("The encrypted connection failed: %(detail)s"),
    "tls_not_offered": N_(
        "The server %(detail)s does not speak TLS on this port: use its port for"
        " encrypted connections, or turn encryption off."
    ),
    "tls_timeout": N_(
        "The server %(detail)s took the connection but did not answer in TLS:"
        " perhaps it does not speak it on this port."
    ),
    "tls_certificate": N_("The server's certificate is not accepted: %(detail)s"),
    "tls_ca_unreadable": N_("The authority's file cannot be read: %(detail)s"),
    "tls_ca_invalid": N_("The authority's file %(detail)s has no PEM certificate."),
    "bind_timeout": N_(
        "The server took the connection but did not answer the sign-in."
    ),
    "bind_refused": N_("The operator refused the sign-in: %(detail)s"),
    "bind_password": N_(
        "The operator does not accept the user or password: %(detail)s"
    ),
    "already_bound": N_(
        "The operator says that this user is signed in already: %(detail)s"
    ),
    "protocol_error": N_("The server sent something that is not SMPP: %(detail)s"),
    "enquire_timeout": N_("The operator no longer answers."),
    "no_answers": N_("The operator takes messages and answers none of them."),
    "closed_by_operator": N_("The operator closed the connection. %(detail)s"),
    "refused_in_a_row": N_(
        "The operator refused the last messages, all of them: %(detail)s"
    ),
    "settings_wrong": N_("The trunk's settings cannot be used: %(detail)s"),
    "service_stopped": N_("The service was stopped."),
    "test_failed": N_("The test was not finished: the program failed."),
    "database_away": N_("The database is away; nothing is sent until it is back."),
    # Modems
    "modem_gone": N_("The modem was unplugged before it said that it had sent it."),
    "modem_gone_before": N_("The modem was unplugged before the message left."),
    "modem_silent": N_("The modem did not say whether it had sent the message."),
    "modem_unclear": N_(
        "The modem did not say clearly whether it had sent the message. %(detail)s"
    ),
    "modem_number": N_("A modem cannot send to this number: %(detail)s"),
    "port_missing": N_("There is no port %(detail)s: is the modem plugged in?"),
    "port_rights": N_(
        "The service may not use %(detail)s: add its user to the group dialout."
    ),
    "port_busy": N_("Another program uses %(detail)s."),
    "port_failed": N_("The port cannot be opened: %(detail)s"),
    "port_no_modem": N_(
        "No modem answers at %(detail)s: a stick has several ports, try another one."
    ),
    "modem_other": N_("There is another modem at %(detail)s."),
    "session_open": N_("The service has it open and sends through it."),
    "modem_found": N_("The modem is a %(detail)s."),
    "modem_registered": N_("The modem is in the network of %(detail)s."),
    "modem_no_answer": N_("The modem did not answer %(detail)s."),
    "modem_refused": N_("The modem does not accept a command: %(detail)s"),
    "modem_unplugged": N_("The modem was unplugged."),
    "modem_stopped_answering": N_("The modem no longer answers."),
    "modem_pin_missing": N_(
        "The SIM card asks for its PIN: write it into the trunk's settings."
    ),
    "modem_pin_wrong": N_(
        "The SIM card does not accept the PIN. It is not tried again: correct it."
    ),
    "modem_pin_no_answer": N_(
        "The SIM card did not answer the PIN. It is not tried again by itself: to try"
        " it once more, turn the trunk off and on again."
    ),
    "modem_pin_spent": N_(
        "The SIM card did not answer the PIN twice, and one more try might block it:"
        " put the card into a phone and turn its PIN off."
    ),
    "modem_puk": N_("The SIM card is blocked (%(detail)s): put it into a phone."),
    "modem_denied": N_("The network does not let this SIM card in."),
    "modem_no_network": N_("The modem has no network: look at antenna and place."),
    "modem_no_centre": N_(
        "The SIM card has no number of a message centre: write it into the trunk's"
        " settings."
    ),
    "modem_network_lost": N_("The modem has lost its network; it is looked for again."),
    "modem_rests": N_(
        "It rests for an hour after errors in a row, the last one: %(detail)s To go on"
        " at once, turn it off and on again."
    ),
    "modem_rests_silent": N_(
        "It rests for an hour: one message after another went to the modem without an"
        " answer. To go on at once, turn it off and on again."
    ),
    "modem_refuses_all": N_(
        "One message after another was refused with the same error: look at the SIM"
        " card, its credit and its contract. The modem said: %(detail)s"
    ),
    "modem_reaches_nobody": N_(
        "One number after another could not be reached: look at the SIM card and its"
        " contract. The modem said: %(detail)s"
    ),
    "ussd_no_code": N_("The trunk's settings do not say which code asks for it."),
    "ussd_none": N_("The network did not answer the code in time."),
    "ussd_empty": N_("The network ended it without an answer: is the code right?"),
    "ussd_unsupported": N_("The network or the SIM card does not know such codes."),
    "ussd_refused": N_("The modem does not take the code: %(detail)s"),
    "ussd_gone": N_("The modem was gone before the answer came."),
    "ussd_not_asked": N_("The modem was not connected in time, so it was not asked."),
    "ussd_stopped": N_("The service stopped before the answer came."),
    "modem_no_prompt": N_("The modem did not take the message. %(detail)s"),
    **STATUS_WORDS,
    **http_reasons.WORDS,
    **asterisk_reasons.WORDS,
    **ERROR_WORDS,
}


def words(code: str | None, detail: str | None = None) -> Problem | None:
    """The sentence of a stored result as a template with its values."""
    return result_words(RESULTS, code, detail)


def is_of_receipt(code: str | None) -> bool:
    """Whether a receipt decided: then its detail is the operator's error."""
    return code is not None and code.startswith("receipt_")


def text(code: str | None, detail: str | None = None) -> str:
    """The sentence in English, for the command line and the log."""
    if is_of_receipt(code):
        detail = receipt_errors.text(detail)
    found = words(code, detail)
    return found.text.strip() if found else ""


def problem(code: str | None, detail: str | None = None) -> Problem | str:
    """The sentence with the words of a receipt's error in it; '' without a result."""
    found = words(code, detail)
    if found is None or not is_of_receipt(code):
        return found or ""
    said = {**found.params, "detail": receipt_errors.problem(detail)}
    return Problem(found.code, found.template, tuple(said.items()))
