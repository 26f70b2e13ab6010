"""Card numbers are known by issuer, length and Luhn digit, however they are written; what is no card passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.cards import has_card_number, is_card_number

CARDS = {
    "Visa": "4242424242424242",
    "Visa of nineteen": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, new": "2223003122003222",
    "American Express": "378282246310005",
    "Diners": "30569309025904",
    "Discover": "6011111111111117",
    "JCB": "3566002020360505",
    "UnionPay": "6200000000000005",
    "UnionPay of nineteen": "6205500000000000004",
}
WRITTEN = (
    "{0}", " {0} ", "card: {0}.", "({0})", "{0},{0}", "my number is {0} thanks", "pan={0}", "12 {0}", "n°{0}",
)  # fmt: skip


def grouped(number: str, separator: str) -> str:
    sizes = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(number), (4, 4, 4, 4, 3))
    parts, rest = [], number
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return separator.join(part for part in parts if part)


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS)
def test_every_way_to_write_a_card_is_known(number: str) -> None:
    assert is_card_number(number)
    for text in WRITTEN:
        assert has_card_number(text.format(number)), text
        for separator in (" ", "-", ".", "\N{NO-BREAK SPACE}", "\N{EN DASH}"):
            assert has_card_number(text.format(grouped(number, separator))), (text, separator)
    assert has_card_number("".join(chr(ord("０") + int(digit)) for digit in number))
    assert has_card_number("".join(chr(ord("٠") + int(digit)) for digit in number))


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",  # its Luhn digit is wrong
        "4006381333931",  # EAN-13
        "4548736053128",
        "1767225600000",  # milliseconds
        "1767225600000000",  # microseconds
        "+4915123456789012",  # telephone
        "+86 138 1234 5678",
        "2026-03-01 2026-03-02",
        "0190d1f2-4242-4242-4242-424242424242",  # UUID
        "9f4242424242424242ab",  # part of a hash
        "ord_01jd7q2x8zf3k9m4n5p6r7s801",
        "LX-42424242",
        "356938035643809",  # IMEI
        "89860012017300000001",  # SIM card
        "DE89370400440532013000",  # IBAN
        "12 Anfu Road, 200031",
        "",
    ],
)
def test_what_is_no_card_passes(text: str) -> None:
    assert not has_card_number(text)


@given(st.text(alphabet="0123456789", min_size=14, max_size=19))
def test_one_wrong_digit_is_no_card(digits: str) -> None:
    """The Luhn digit finds every single wrong digit (ISO/IEC 7812-1, annex B)."""
    if is_card_number(digits):
        wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
        assert not is_card_number(wrong)
