"""The catalogue of ways to pay, as data: what each can be asked for in, and what people of a market expect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

EVERYWHERE: frozenset[str] = frozenset()
"""Stands for every currency."""


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A way to pay, whoever carries it out. `currencies` is empty where it takes any. `most` is the largest amount of a
    payment by currency, in minor units; `patience` how long a payer may take who pays days later: less than the checkout
    holds its units for, which is two and a half days."""

    name: str
    currencies: frozenset[str] = EVERYWHERE
    most: Mapping[str, int] = {}
    patience: timedelta | None = None


SCHEMES: Mapping[str, Scheme] = {
    "card": Scheme(name="Card"),
    "alipay": Scheme(name="Alipay"),
    "wechat_pay": Scheme(name="WeChat Pay"),
    "unionpay": Scheme(name="UnionPay"),
    "paypal": Scheme(name="PayPal", currencies=frozenset({"EUR", "USD", "GBP", "JPY", "HKD", "TWD", "AUD"})),
    "apple_pay": Scheme(name="Apple Pay"),
    "google_pay": Scheme(name="Google Pay"),
    "ideal": Scheme(name="iDEAL", currencies=frozenset({"EUR"})),
    "klarna": Scheme(name="Klarna", currencies=frozenset({"EUR", "USD", "GBP"})),
    "konbini": Scheme(
        name="Konbini",
        currencies=frozenset({"JPY"}),
        most={"JPY": 300_000},
        patience=timedelta(days=2),
    ),
    "kakaopay": Scheme(name="KakaoPay", currencies=frozenset({"KRW", "USD", "EUR", "JPY", "CNY"})),
    "pix": Scheme(name="Pix", currencies=frozenset({"BRL", "USD", "EUR"})),
    "mada": Scheme(name="mada", currencies=frozenset({"SAR", "USD", "EUR"})),
    "bank_transfer": Scheme(name="Bank transfer", patience=timedelta(days=2)),
}
"""KakaoPay, Pix and mada settle foreign currencies through a provider that converts for the payer; a provider that does
not narrows this further. Konbini shops take 300,000 yen a slip at most."""

_CARDS = ("card", "apple_pay", "google_pay")
_EURO = ("card", "paypal", "klarna", "apple_pay", "google_pay", "bank_transfer")
_OVERSEAS = (*_CARDS, "paypal", "alipay", "unionpay", "bank_transfer")

MARKETS: Mapping[str, tuple[str, ...]] = {
    "CN": ("alipay", "wechat_pay", "unionpay", "card", "apple_pay", "bank_transfer"),
    "HK": ("card", "alipay", "wechat_pay", "apple_pay", "google_pay", "unionpay", "paypal", "bank_transfer"),
    "MO": ("alipay", "wechat_pay", "unionpay", "card", "apple_pay", "bank_transfer"),
    "TW": (*_CARDS, "paypal", "unionpay", "bank_transfer"),
    "SG": (*_CARDS, "alipay", "wechat_pay", "paypal", "unionpay", "bank_transfer"),
    "JP": ("card", "konbini", "paypal", "apple_pay", "google_pay", "bank_transfer"),
    "KR": ("card", "kakaopay", "apple_pay", "google_pay", "paypal", "unionpay", "bank_transfer"),
    "US": (*_CARDS, "paypal", "klarna", "bank_transfer"),
    "GB": (*_CARDS, "paypal", "klarna", "bank_transfer"),
    "FR": _EURO,
    "IT": _EURO,
    "ES": _EURO,
    "PT": _EURO,
    "DE": ("paypal", "card", "klarna", "apple_pay", "google_pay", "bank_transfer"),
    "AT": ("paypal", "card", "klarna", "apple_pay", "google_pay", "bank_transfer"),
    "BE": _EURO,
    "NL": ("ideal", *_EURO),
    "BR": ("pix", *_CARDS, "paypal", "bank_transfer"),
    "RU": ("unionpay", "card", "bank_transfer"),
    "SA": ("mada", "apple_pay", "card", "google_pay", "bank_transfer"),
    "AE": ("card", "apple_pay", "google_pay", "bank_transfer"),
}
"""Country to methods, most expected first. Any other country gets `OTHERS`."""

OTHERS = _OVERSEAS


def expected(country: str, currency: str) -> list[str]:
    """What people of a country expect, and can be asked for in this currency."""
    return [each for each in MARKETS.get(country.upper(), OTHERS) if takes(each, currency)]


def takes(method: str, currency: str, minor: int = 0) -> bool:
    """Whether the scheme takes this currency, and this much of it."""
    scheme = SCHEMES.get(method)
    if scheme is None or (scheme.currencies and currency not in scheme.currencies):
        return False
    return minor <= scheme.most.get(currency, minor)
