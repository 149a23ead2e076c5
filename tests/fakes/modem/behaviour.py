"""What a simulated modem is and how it misbehaves."""

from __future__ import annotations

from dataclasses import dataclass, field

#: What sticks of each make write when nobody asked.
NOISE = {
    "huawei": ("^RSSI:19", "^BOOT:20548870,0,0,0,75", "^MODE:5,4"),
    "zte": ("+ZUSIMR:2", "+ZDONR: Movistar,734,4,CS_PS,ROAM_OFF"),
    "simcom": ('+CREG: 1,"0001","00A1"', "+CPIN: READY"),
}
MAKES = {
    "huawei": ("huawei", "E173"),
    "zte": ("ZTE INCORPORATED", "MF190"),
    "simcom": ("SIMCOM_Ltd", "SIMCOM_SIM800L"),
}


@dataclass
class Behaviour:
    """One modem; change it while it runs.

    `faults`, one for each AT+CMGS, then none: `no_prompt`, `late_prompt`, `silent`
    (after Ctrl-Z), `taken_silent` (the network has it), `bare_ok`, `gone_before` and
    `gone_after` (unplugged before and after Ctrl-Z), or a line such as
    `+CMS ERROR: 38`; with `before:` in front it comes in place of the prompt.
    """

    make: str = "huawei"
    echo: bool = True
    noise: bool = False  # a line out of the blue wherever one may fall
    imei: str = "861234567890123"
    imsi: str = "734041234567890"
    iccid: str = "8958040000123456789"
    operator: str = "Movistar"
    centre: str = "+58412000"
    signal: int = 21
    registration: int = 1
    sim: str = "READY"  # or SIM PIN, SIM PUK, or '' = there is none
    pin: str = "1234"
    card_faults: list[str] = field(default_factory=list)  # one for each AT+CCID
    pin_faults: list[str] = field(
        default_factory=list
    )  # each AT+CPIN=; no try; or gone
    storage_size: int = 20
    routing: str = "2,1,0,0,0"  # of AT+CNMI, as it was stored: no reports are given out
    take_s: float = 0.0  # the network takes so long for each message
    reports: int | None = None  # TP-ST of the report that follows each message
    balance: str = "Su saldo es 12,50 Bs. Vence el 31/12/2026"
    ussd: str = "plain"  # how the answer is written, or packed, ucs2, silent, refused
    is_frozen: bool = False
    faults: list[str] = field(default_factory=list)
