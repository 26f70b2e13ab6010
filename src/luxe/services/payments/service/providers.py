"""The providers of this house: which there are, and who carries out which method."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import msgspec

from luxe.kernel import errors
from luxe.kernel.house import House
from luxe.kernel.settings import SettingsError
from luxe.services.payments.contract import Intent, Method
from luxe.services.payments.domain.methods import SCHEMES, expected, takes
from luxe.services.payments.service.provider import Provider
from luxe.services.payments.service.simulator import Simulator


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of an adapter before it is loaded: the headers in which its provider signs webhooks, what that
    wants to read when one has been taken, whether it takes money at once, and whether it has statements."""

    at_once: bool = False
    stated: bool = True
    signed_in: tuple[str, ...] = ()
    thanks: str = '{"taken": true}'


ENTRIES: Mapping[str, Entry] = {
    Simulator.name: Entry(signed_in=("psp-signature",)),
    "stripe": Entry(signed_in=("stripe-signature",)),
    "alipay": Entry(at_once=True, thanks="success"),
    "wechat_pay": Entry(
        at_once=True,
        signed_in=(
            "wechatpay-timestamp",
            "wechatpay-nonce",
            "wechatpay-serial",
            "wechatpay-signature",
        ),
        thanks='{"code": "SUCCESS"}',
    ),
    "bank_transfer": Entry(at_once=True, stated=False),
}
"""Each adapter is the module of its name beside this one, with `def adapter(client, config) -> Provider`; it is loaded
where a house has it set up, for some bring an SDK that takes its time."""
AT_ONCE = tuple(name for name, entry in ENTRIES.items() if entry.at_once)
_WITH_PAGES = ("bank_transfer", "wechat_pay")
"""Whose payers come to a page of ours."""
UNSTATED = tuple(name for name, entry in ENTRIES.items() if not entry.stated)


class Providers:
    """`routes` names the provider of a method; under the empty method, of payers who choose on the provider's page. What
    it does not name is carried out by the first of `listed` that can."""

    def __init__(self, listed: Mapping[str, Provider], routes: Mapping[str, str]) -> None:
        self._listed = listed
        self._routes = routes
        for method, name in routes.items():
            if name not in listed:
                raise SettingsError(f"LUXE_PAYMENT_ROUTES: {method!r} goes to {name!r}, which is not set up")

    def named(self, name: str) -> Provider:
        found = self._listed.get(name)
        if found is None:
            raise errors.NotFound("there is no such provider", code="provider_unknown")
        return found

    def of(self, intent: Intent) -> Provider:
        """Who holds the intent, whatever the routes say now."""
        return self.named(intent.provider)

    def everyone(self) -> list[Provider]:
        return list(self._listed.values())

    def methods(self, country: str, currency: str) -> list[Method]:
        found = []
        for method in expected(country, currency):
            provider = self._carrier(method, currency)
            kind = provider.carries(method, currency) if provider else None
            if provider is not None and kind is not None:
                found.append(Method(id=method, name=SCHEMES[method].name, provider=provider.name, kind=kind))
        return found

    def route(self, method: str, currency: str, minor: int) -> Provider:
        """Who carries this payment out. Raises `method_unavailable`."""
        provider = self._carrier(method, currency) if not method or takes(method, currency, minor) else None
        if provider is None:
            raise errors.Conflict(
                "this cannot be paid in this way here", code="method_unavailable", method=method
            )
        return provider

    def _carrier(self, method: str, currency: str) -> Provider | None:
        named = self._routes.get(method)
        candidates = [self._listed[named]] if named else self._listed.values()
        return next((each for each in candidates if each.carries(method, currency)), None)


def providers_of(house: House) -> Providers:
    """By the settings; the simulator comes last, so that a method that somebody else carries out goes there. Raises
    `SettingsError`."""
    settings = house.settings
    try:
        configs = msgspec.json.decode(settings.payment_providers, type=dict[str, dict[str, str]])
        routes = msgspec.json.decode(settings.payment_routes, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise SettingsError(f"LUXE_PAYMENT_PROVIDERS or LUXE_PAYMENT_ROUTES: {error}") from error
    if unknown := sorted(configs.keys() - (ENTRIES.keys() - {Simulator.name})):
        raise SettingsError(f"LUXE_PAYMENT_PROVIDERS: there is no adapter {', '.join(unknown)}")
    listed: dict[str, Provider] = {}
    for name, config in configs.items():
        try:
            told = {**config, "public_url": settings.public_url} if name in _WITH_PAGES else config
            listed[name] = import_module(f"{__package__}.{name}").adapter(house.http, told)
        except (msgspec.ValidationError, ValueError, OSError) as error:
            raise SettingsError(f"LUXE_PAYMENT_PROVIDERS: {name}: {error}") from error
    return Providers({**listed, Simulator.name: Simulator(house.http, settings)}, routes)
