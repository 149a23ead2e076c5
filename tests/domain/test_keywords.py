"""Words that mean something, in the texts that people really write, and why."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain import settings as product_settings
from massivesms.domain.answer_rules import Kind, understand
from massivesms.domain.keywords import (
    MOST_PHRASES,
    check_phrases,
    fold,
    read_phrases,
)

ANSWERS = product_settings.read({}).answers
INSIDE = product_settings.read({"opt_out_inside": "yes"}).answers
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=ZoneInfo("Europe/Madrid"))
OUT, BACK, NONE = Kind.OPT_OUT, Kind.OPT_IN, Kind.NOTHING

#: what somebody wrote, what it means, why
TEXTS = [
    ("STOP", OUT, "the word"),
    ("stop", OUT, "small letters"),
    ("Stop", OUT, "as a phone writes the first letter"),
    ("sToP", OUT, "any letters"),
    ("  STOP  ", OUT, "blanks around"),
    ("\tSTOP\r\n", OUT, "tab and line's end"),
    ("STOP.", OUT, "a full stop"),
    ("stop!!!", OUT, "angry"),
    ("¡¡STOP!!", OUT, "angry in Spanish"),
    ("STOP?", OUT, "asked: it is confirmed, and can be taken back"),
    ("(stop)", OUT, "brackets"),
    ("“STOP”", OUT, "typographic quotes, as it was told"),
    ("'STOP'", OUT, "quotes"),
    ("«BAJA»", OUT, "Spanish quotes"),
    ('"BAJA"', OUT, "quotes, as it was told"),
    ("*BAJA*", OUT, "marked as bold"),
    ("#stop", OUT, "a hash in front"),
    ("STOP 🛑", OUT, "an emoji"),
    ("🙏 baja 🙏", OUT, "emoji around"),
    ("Baja 👍🏽", OUT, "an emoji of two parts"),
    ("BÁJA", OUT, "an accent too much"),
    ("bajà", OUT, "a wrong accent"),
    ("ＳＴＯＰ", OUT, "wide letters"),
    ("S T O P", OUT, "letter by letter"),
    ("S.T.O.P.", OUT, "letter by letter with dots"),
    ("B-A-J-A", OUT, "letter by letter with dashes"),
    ("B A J A por favor", OUT, "letter by letter and polite"),
    ("STOOOOP", OUT, "drawn out"),
    ("bajaaaa", OUT, "drawn out"),
    ("STOP STOP STOP", OUT, "three times"),
    ("stop, baja", OUT, "two words of the same wish"),
    ("Stop. Thank you", OUT, "thanks: field note, a known complaint"),
    ("STOP thanks", OUT, "thanks"),
    ("Please stop", OUT, "please in front"),
    ("stop please!", OUT, "please behind"),
    ("Stop messages", OUT, "what to stop"),
    ("Hello, please stop these messages. Thank you very much", OUT, "very polite"),
    ("STOP pls", OUT, "short please"),
    ("stop now", OUT, "impatient"),
    ("BAJA", OUT, "the word in Spanish"),
    ("Baja.", OUT, "a full stop"),
    ("BAJA por favor", OUT, "please"),
    ("por favor baja", OUT, "please in front"),
    ("Baja, gracias", OUT, "thanks"),
    ("Hola, buenos días: BAJA. Gracias, saludos", OUT, "greeted"),
    ("Hola baja porfa", OUT, "as young people write"),
    ("BAJA!!! YA", OUT, "impatient"),
    ("baja inmediata", OUT, "impatient"),
    ("Quiero darme de baja", OUT, "a wish"),
    ("dar de baja", OUT, "the phrase"),
    ("Darme de baja por favor", OUT, "the phrase and please"),
    ("darme de baja del servicio", OUT, "of the service"),
    ("deme de baja de la lista", OUT, "off the list"),
    ("Solicito la baja", OUT, "formal"),
    ("solicito baja", OUT, "short and formal"),
    ("CANCELAR", OUT, "the word"),
    ("Cancela", OUT, "the imperative"),
    ("cancelar suscripción", OUT, "with its accent"),
    ("cancelar mensajes", OUT, "what to cancel"),
    ("Salir", OUT, "the word"),
    ("ELIMINAR", OUT, "the word"),
    ("borrarme de la lista", OUT, "off the list"),
    ("NO MAS", OUT, "two words"),
    ("No más", OUT, "with its accent"),
    ("¡NO MÁS MENSAJES!", OUT, "what there is enough of"),
    ("nomas", OUT, "in one word"),
    ("ya no mas por favor", OUT, "with please"),
    ("No me envíen más mensajes", OUT, "a whole sentence that is in the list"),
    ("no quiero recibir más mensajes, gracias", OUT, "another one"),
    ("Parar", OUT, "the word"),
    ("detener", OUT, "the word"),
    ("UNSUBSCRIBE", OUT, "the word"),
    ("unsubscribe please", OUT, "please"),
    ("I want to unsubscribe", OUT, "a wish"),
    ("END", OUT, "the word"),
    ("Quit", OUT, "the word"),
    ("cancel", OUT, "the word"),
    ("Opt-out", OUT, "with a dash"),
    ("OPT OUT", OUT, "in two words"),
    ("remove me from your list", OUT, "off the list"),
    ("stop texting me", OUT, "the phrase"),
    ("STOP\n\nSent from my iPhone", OUT, "a signature"),
    ("BAJA\nEnviado desde mi iPhone", OUT, "a signature in Spanish"),
    ("ALTA", BACK, "the word"),
    ("alta", BACK, "small letters"),
    ("Alta por favor", BACK, "please"),
    ("“ALTA”", BACK, "quotes"),
    ("A L T A", BACK, "letter by letter"),
    ("quiero darme de alta", BACK, "a wish"),
    ("START", BACK, "the word"),
    ("Start", BACK, "the first letter"),
    ("start please", BACK, "please"),
    ("UNSTOP", BACK, "the word, which holds another one"),
    ("subscribe", BACK, "the word"),
    ("", NONE, "nothing"),
    ("   ", NONE, "blanks"),
    ("🛑", NONE, "an emoji is no word"),
    ("...", NONE, "no word"),
    ("Gracias", NONE, "polite words only"),
    ("por favor", NONE, "polite words only"),
    ("Hola, buenos días", NONE, "a greeting"),
    ("No", NONE, "an answer to a question"),
    ("no, gracias", NONE, "an answer to an offer"),
    ("Sí", NONE, "an answer, not a wish to come back"),
    ("YES", NONE, "an answer, not a wish to come back"),
    ("no pares, la baja tensión me preocupa", NONE, "a sentence"),
    ("no pares", NONE, "the opposite, and no keyword"),
    ("don't stop", NONE, "the opposite"),
    ("dont stop please", NONE, "the opposite, politely"),
    ("non stop", NONE, "another word beside"),
    ("Please stop by our office", NONE, "a sentence"),
    ("I'll stop by at 5", NONE, "a sentence"),
    ("bus stop", NONE, "a thing"),
    ("Can you stop the delivery?", NONE, "something else is to stop"),
    ("me dio de alta el doctor", NONE, "out of hospital"),
    ("Ya me dieron el alta", NONE, "out of hospital"),
    ("estoy de baja", NONE, "on sick leave"),
    ("De baja", NONE, "on sick leave, perhaps"),
    ("Necesito la baja médica", NONE, "a paper of the doctor's"),
    ("la luz está baja", NONE, "an adjective"),
    ("temporada baja", NONE, "an adjective"),
    ("¿Dónde se cancela la cita?", NONE, "a question"),
    ("quiero cancelar mi cita de mañana", NONE, "an appointment"),
    ("no puedo ir, cancelen la cita", NONE, "an appointment"),
    ("The END of the month is fine", NONE, "a sentence"),
    ("weekend", NONE, "a word that holds one"),
    ("trabajar", NONE, "a word that holds one"),
    ("stopped", NONE, "a word that begins so"),
    ("bajar", NONE, "a word that begins so"),
    ("Altamente recomendable", NONE, "a word that begins so"),
    ("no mas tarde de las 5", NONE, "a sentence that begins so"),
    ("ALTA o BAJA?", NONE, "both cannot be meant"),
    ("baja alta", NONE, "both cannot be meant"),
    ("s t", NONE, "two letters are no word"),
    ("STOP 25568", NONE, "a number beside it may be anything"),
    ("¿quién eres?", NONE, "a question"),
    ("Envíe BAJA al 25568 para no recibir más", NONE, "our own words come back"),
    (ANSWERS.opt_out_text, NONE, "our own confirmation comes back"),
    (ANSWERS.opt_in_text, NONE, "our own confirmation comes back"),
]


@pytest.mark.parametrize(
    ("text", "kind", "why"), TEXTS, ids=[f"{t[:24]!r}: {w}" for t, _, w in TEXTS]
)
def test_a_text_means_what_a_person_would_take_it_for(
    text: str, kind: Kind, why: str
) -> None:
    assert understand(text, ANSWERS, [], NOON).kind is kind, why


def test_the_table_is_a_large_one() -> None:
    assert len(TEXTS) > 130
    assert len({text for text, _, _ in TEXTS}) == len(TEXTS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Please stop by our office", OUT),
        ("la baja tensión", OUT),
        ("quiero cancelar mi cita", OUT),
        ("me dio de alta el doctor", NONE),  # coming back is never guessed
        ("ALTA o BAJA?", OUT),
        ("ALTA", BACK),
        ("weekend", NONE),
        ("trabajar", NONE),
        ("hola", NONE),
    ],
)
def test_inside_a_sentence_only_where_it_is_set_so(text: str, kind: Kind) -> None:
    assert understand(text, INSIDE, [], NOON).kind is kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Please stop by our office", "“STOP”, but also “by our office”"),
        ("BAJA por favor", "asks to be left out: “BAJA”"),
        ("alta", "asks to come back: “ALTA”"),
        ("!!!", "no word"),
        ("hola", "no keyword"),
    ],
)
def test_the_reason_is_said_in_words(text: str, said: str) -> None:
    assert said in understand(text, ANSWERS, [], NOON).why.text


def test_turned_off_no_word_means_a_wish() -> None:
    off = product_settings.read({"opt_outs": "no"}).answers
    for text in ("STOP", "ALTA"):
        assert understand(text, off, [], NOON).kind is NONE


def test_own_words_and_own_polite_words_replace_the_default_ones() -> None:
    own = product_settings.read(
        {"opt_out_words": "FUORI", "polite_words": "grazie, Ferretería Díaz"}
    ).answers
    assert understand("Fuori, ferreteria diaz. Grazie", own, [], NOON).kind is OUT
    assert understand("STOP", own, [], NOON).kind is NONE


def test_who_never_left_has_nothing_to_come_back_to() -> None:
    assert understand("ALTA", ANSWERS, [], NOON, is_out=False).kind is NONE
    assert understand("ALTA", ANSWERS, [], NOON, is_out=True).kind is BACK
    assert understand("STOP", ANSWERS, [], NOON, is_out=False).kind is OUT


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("¡No  más!", ("no", "mas")),
        ("O'Brien", ("obrien",)),
        ("mañana_bien", ("manana", "bien")),
        ("s t o p y a", ("stopya",)),
        ("a la s t o p", ("a", "la", "stop")),
        ("1 2 3", ("1", "2", "3")),
        ("", ()),
    ],
)
def test_a_text_is_folded_to_its_words(typed: str, words: tuple[str, ...]) -> None:
    assert fold(typed) == words


def test_a_long_text_is_folded_quickly_and_hides_nothing() -> None:
    assert understand("a " * 5000 + "STOP", ANSWERS, [], NOON).kind is NONE
    assert understand("STOP " * 2000, ANSWERS, [], NOON).kind is OUT


def test_phrases_are_read_each_once_as_they_are_typed() -> None:
    assert read_phrases("STOP, Baja;\n no  más\nBAJA,,stop.") == [
        *("STOP", "Baja", "no más")
    ]


@pytest.mark.parametrize(
    ("phrases", "code"),
    [
        (["!!!"], "phrase_empty"),
        (["x" * 61], "phrase_long"),
        (["a b cd ef gh ij kl mn"], "phrase_long"),
        ([f"w{n}" for n in range(MOST_PHRASES + 1)], "phrases_many"),
    ],
)
def test_what_can_be_no_keyword_is_refused(phrases: list[str], code: str) -> None:
    problem = check_phrases(phrases)
    assert problem is not None and problem.code == code
    assert problem.text


def test_the_default_words_pass_their_own_check() -> None:
    texts = product_settings.with_defaults({})
    for name in ("opt_out_words", "opt_in_words", "polite_words"):
        assert check_phrases(read_phrases(texts[name])) is None
        checked = product_settings.check({name: texts[name]}, texts)
        assert checked == {name: texts[name]}
