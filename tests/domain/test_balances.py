"""Which number in an answer is the balance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from massivesms.domain.balances import amount


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Su saldo es 12,50 Bs. Vence el 31/12/2026", "12.50"),
        ("Saldo: 5", "5"),
        ("Your balance is 3.20 EUR. Valid until 2026-12-31 23:59", "3.20"),
        ("Tiene 1.234,56 Bs de saldo", "1234.56"),
        ("Balance $1,234.50", "1234.50"),
        ("Saldo 1.500 pesos", "1500"),
        ("Saldo 0.125 EUR", "0.125"),
        ("Tiene 100 SMS gratis y 4,75 EUR de saldo", "4.75"),
        ("Linea 600111222. Saldo 7.10 eur", "7.10"),
        ("El 05/11/2026 su saldo era de 8 euros", "8"),
        ("Saldo: -2,40 EUR", "-2.40"),
        ("Marque *133# para mas. Credito 9.99", "9.99"),
        ("Баланс: 10.50", "10.50"),
        ("No disponible en este momento", None),
        ("Su linea es 584121234567", None),
        ("", None),
    ],
)
def test_the_number_that_is_the_balance_is_found(
    answer: str, found: str | None
) -> None:
    assert amount(answer) == (None if found is None else Decimal(found))
