"""The settings of opt-outs and automatic answers: defaults, values, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .keywords import Vocabulary, check_phrases, read_phrases, vocabulary
from .schedule import SendingHours, read_hours
from .segments import check_text
from .words import N_, Problem

OPT_OUT_WORDS = (
    "STOP, STOPALL, STOP ALL, UNSUBSCRIBE, UNSUSCRIBE, CANCEL, END, QUIT, REMOVE,"
    " REMOVE ME, REVOKE, OPTOUT, OPT OUT, OPT ME OUT, TAKE ME OFF, NO MORE,"
    " STOP SENDING, STOP SENDING ME, STOP TEXTING, STOP TEXTING ME, STOP MESSAGING ME,"
    " DONT TEXT ME, DO NOT TEXT ME, BAJA, DAR DE BAJA, DARME DE BAJA, DARSE DE BAJA,"
    " DAME DE BAJA, DEME DE BAJA, DENME DE BAJA, DADME DE BAJA, QUIERO LA BAJA,"
    " SOLICITO LA BAJA, DESUSCRIBIR, DESUSCRIBIRME, DESUSCRIBIRSE, CANCELAR, CANCELA,"
    " CANCELE, CANCELEN, SALIR, SALIRME, ELIMINAR, ELIMINARME, ELIMINENME, BORRAR,"
    " BORRARME, BORRENME, REMOVER, DETENER, PARAR, PARE, PAREN, ALTO, BASTA, NO MAS,"
    " NOMAS, YA NO MAS, NO MOLESTAR, NO MOLESTEN, NO ENVIAR, NO ENVIEN, NO ENVIAR MAS,"
    " NO ENVIEN MAS, NO ME ENVIEN, NO ME ENVIEN MAS, NO ME ESCRIBAN,"
    " NO ME ESCRIBAN MAS, NO ME MANDEN, NO ME MANDEN MAS, NO QUIERO RECIBIR,"
    " NO QUIERO RECIBIR MAS, NO DESEO RECIBIR, NO DESEO RECIBIR MAS"
)
OPT_IN_WORDS = (
    "ALTA, DAR DE ALTA, DARME DE ALTA, DARSE DE ALTA, DAME DE ALTA, DEME DE ALTA,"
    " DENME DE ALTA, SOLICITO EL ALTA, QUIERO EL ALTA, SUSCRIBIR, SUSCRIBIRME,"
    " REANUDAR, START, UNSTOP, SUBSCRIBE, RESUME, OPTIN, OPT IN"
)
POLITE_WORDS = (
    "por favor, porfavor, porfa, xfa, favor, gracias, muchas gracias, mil gracias,"
    " hola, buenas, buenos dias, buen dia, buenas tardes, buenas noches, saludos,"
    " un saludo, adios, chao, señor, señora, señores, señorita, atentamente, quiero,"
    " quisiera, deseo, solicito, ya, ahora, inmediatamente, inmediata, de inmediato,"
    " urgente, mensaje, mensajes, sus mensajes, estos mensajes, los mensajes, sms,"
    " publicidad, suscripcion, del servicio, de la lista, de esta lista, de su lista,"
    " de los mensajes, de estos mensajes, de la publicidad, ok, vale, please, pls, plz,"
    " thank you, thanks, thank you very much, many thanks, thx, ty, hello, hi, hey,"
    " dear, sir, madam, good morning, good afternoon, good evening, regards,"
    " best regards, kind regards, bye, i want, i want to, id like to, now, right now,"
    " immediately, message, messages, these messages, text, texts, these texts,"
    " subscription, from this list, from your list, to me, enviado desde mi iphone,"
    " sent from my iphone"
)
#: One segment for a phone of either language: no á, í, ó or ú, which would cost two.
OPT_OUT_TEXT = (
    "No le enviaremos nada de nuevo. Si quiere volver, responda ALTA."
    " You will get no more messages; reply START to come back."
)
OPT_IN_TEXT = (
    "Vuelve a recibir nuestros mensajes; para no recibir ninguno, responda BAJA."
    " You get our messages again; reply STOP to opt out."
)

#: name -> (default, label, hint)
ANSWER_SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "opt_outs": (
        "yes",
        N_("Carry out opt-outs"),
        N_("Who asks to be left out gets nothing more, until they ask to come back."),
    ),
    "opt_out_words": (
        OPT_OUT_WORDS,
        N_("Words to be left out"),
        N_("Separated by commas; case and accents do not matter."),
    ),
    "opt_in_words": (
        OPT_IN_WORDS,
        N_("Words to come back"),
        N_("They take back an opt-out only, never a number that you have blocked."),
    ),
    "polite_words": (
        POLITE_WORDS,
        N_("Polite words"),
        N_("What may stand beside a keyword; add the name of your company."),
    ),
    "opt_out_inside": (
        "no",
        N_("Take opt-out words inside a sentence too"),
        N_("Then a sentence that merely contains one leaves its writer out too."),
    ),
    "opt_out_text": (
        OPT_OUT_TEXT,
        N_("Confirmation of an opt-out"),
        N_("Sent once, by the trunk on which it came. Empty: none is sent."),
    ),
    "opt_in_text": (
        OPT_IN_TEXT,
        N_("Confirmation of coming back"),
        N_("Empty: none is sent."),
    ),
    "opt_out_again_days": (
        "30",
        N_("Days until a further opt-out is confirmed again"),
        N_("Who is left out already and says so again gets no answer before."),
    ),
    "automatic_answers": (
        "yes",
        N_("Answer by itself"),
        N_("no: nothing is answered; opt-outs are carried out without confirmation."),
    ),
    "answers_at_any_hour": (
        "yes",
        N_("Answers leave at any hour"),
        N_("Somebody has just written. no: they wait for the sending hours."),
    ),
    "answers_per_day": (
        "3",
        N_("Answers to one number in a day"),
        N_("At most; it ends the talk of two machines."),
    ),
    "answers_gap_minutes": (
        "30",
        N_("Minutes between the same answer"),
        N_("To the same number, at least."),
    ),
    "answers_least_digits": (
        "7",
        N_("Least digits of a number that is answered"),
        N_("With its country code. Short codes of operators and banks have fewer."),
    ),
    "out_of_hours": (
        "no",
        N_("Answer outside your hours"),
        N_("To what is no keyword, when you are closed."),
    ),
    "out_of_hours_text": (
        "",
        N_("Answer outside your hours: text"),
        N_("For example when you open, and what to do if it is urgent."),
    ),
    "opening_hours": (
        "09:00-18:00",
        N_("You are there"),
        N_("HH:MM-HH:MM, in your time zone."),
    ),
    "opening_days": (
        "1,2,3,4,5",
        N_("On these days"),
        N_("1 is Monday, 7 is Sunday."),
    ),
}
YES_OR_NO = (
    *("opt_outs", "opt_out_inside", "automatic_answers", "answers_at_any_hour"),
    "out_of_hours",
)
PHRASES = ("opt_out_words", "opt_in_words", "polite_words")
TEXTS = ("opt_out_text", "opt_in_text", "out_of_hours_text")
#: name -> (least, most)
NUMBERS: Mapping[str, tuple[int, int]] = {
    "opt_out_again_days": (1, 3650),
    "answers_per_day": (1, 50),
    "answers_gap_minutes": (0, 1440),
    "answers_least_digits": (4, 15),
}
WEEKDAYS: Mapping[int, str] = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours of some days, local time; without hours the whole of each day."""

    hours: SendingHours | None
    days: frozenset[int]  # 1 is Monday

    def contains(self, local: datetime) -> bool:
        """Whether a local moment is within; a night belongs to its evening's day."""
        day = local
        if self.hours is not None:
            if not self.hours.contains(local.time()):
                return False
            is_night = self.hours.end < self.hours.start
            if is_night and local.time() < self.hours.end:
                day = local - timedelta(days=1)
        return day.isoweekday() in self.days


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The settings as typed values."""

    opt_outs: bool
    opt_out_words: Vocabulary
    opt_in_words: Vocabulary
    polite_words: Vocabulary
    opt_out_inside: bool
    opt_out_text: str
    opt_in_text: str
    opt_out_again_days: int
    automatic: bool
    at_any_hour: bool
    per_day: int
    gap_minutes: int
    least_digits: int
    out_of_hours_text: str  # '' = there is no such answer
    opening: Opening


def read(texts: Mapping[str, str]) -> AnswerSettings:
    """Typed settings from texts with defaults, which `check_one` has passed before."""
    is_yes = {name: texts[name] == "yes" for name in YES_OR_NO}
    return AnswerSettings(
        opt_outs=is_yes["opt_outs"],
        opt_out_words=vocabulary(texts["opt_out_words"]),
        opt_in_words=vocabulary(texts["opt_in_words"]),
        polite_words=vocabulary(texts["polite_words"]),
        opt_out_inside=is_yes["opt_out_inside"],
        opt_out_text=texts["opt_out_text"],
        opt_in_text=texts["opt_in_text"],
        opt_out_again_days=_number(texts, "opt_out_again_days"),
        automatic=is_yes["automatic_answers"],
        at_any_hour=is_yes["answers_at_any_hour"],
        per_day=_number(texts, "answers_per_day"),
        gap_minutes=_number(texts, "answers_gap_minutes"),
        least_digits=_number(texts, "answers_least_digits"),
        out_of_hours_text=texts["out_of_hours_text"] if is_yes["out_of_hours"] else "",
        opening=read_opening(texts["opening_hours"], texts["opening_days"]),
    )


def read_opening(hours: str, days: str) -> Opening:
    """Hours and days as they are stored; what is empty holds always."""
    found = read_hours(hours) if hours else None
    chosen = frozenset(int(day) for day in days.split(",") if day)
    return Opening(
        found if isinstance(found, SendingHours) else None,
        chosen or frozenset(WEEKDAYS),
    )


def clean(name: str, value: str) -> str:
    """A value as it is stored."""
    if name in PHRASES:
        return ", ".join(read_phrases(value))
    if name in YES_OR_NO:
        return value.strip().lower()
    if name == "opening_days":
        days = {piece.strip() for piece in value.split(",")} - {""}
        return ",".join(sorted(days))
    return value.strip()


def check_one(name: str, value: str) -> Problem | None:
    """Why a cleaned value is not taken, or None; yes and no are checked elsewhere."""
    if name in PHRASES:
        return check_phrases(read_phrases(value))
    if name in TEXTS:
        return check_text(value) if value else None
    if name in NUMBERS:
        return _check_number(name, value)
    if name == "opening_hours" and value:
        found = read_hours(value)
        return found if isinstance(found, Problem) else None
    if name == "opening_days":
        return check_days(value)
    return None


def check_days(days: str) -> Problem | None:
    """Days are the digits from 1 to 7."""
    known = {str(day) for day in WEEKDAYS}
    if set(days.split(",")) - {""} <= known:
        return None
    words = N_("Days are the numbers from 1 (Monday) to 7 (Sunday), with commas.")
    return Problem("days_form", words)


def check_together(texts: Mapping[str, str]) -> dict[str, Problem]:
    """What does not go together, by the setting beside which it is said."""
    found: dict[str, Problem] = {}
    out, back = vocabulary(texts["opt_out_words"]), vocabulary(texts["opt_in_words"])
    if both := [typed for phrase, typed in back.typed.items() if phrase in out.typed]:
        words = N_("“%(word)s” cannot mean both to be left out and to come back.")
        found["opt_in_words"] = Problem("phrase_both", words, word=both[0])
    if texts["opt_outs"] == "yes" and not out.typed:
        words = N_("Write at least one word, or turn opt-outs off.")
        found["opt_out_words"] = Problem("phrases_none", words)
    if texts["out_of_hours"] == "yes" and not texts["out_of_hours_text"]:
        words = N_("Write what is answered outside your hours.")
        found["out_of_hours_text"] = Problem("answer_empty", words)
    return found


def audited(name: str, before: str, after: str) -> list[str]:
    """Of texts their lengths, of words those that went and those that came."""
    if name in TEXTS:
        return [f"{len(text)} characters" for text in (before, after)]
    if name in PHRASES:
        old, new = read_phrases(before), read_phrases(after)
        gone = [phrase for phrase in old if phrase not in new]
        return [", ".join(gone), ", ".join(p for p in new if p not in old)]
    return [before, after]


def _check_number(name: str, value: str) -> Problem | None:
    least, most = NUMBERS[name]
    is_number = value.isascii() and value.isdecimal() and len(value) <= 6
    if is_number and least <= int(value) <= most:
        return None
    words = N_("%(key)s is a whole number from %(least)s to %(most)s.")
    return Problem("setting_range", words, key=name, least=least, most=most)


def _number(texts: Mapping[str, str], name: str) -> int:
    text = texts[name]
    return int(text if text.isdecimal() else ANSWER_SETTINGS[name][0])
