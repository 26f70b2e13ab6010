"""Settings come from `LUXE_*` environment variables, read once at start and checked as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


class SettingsError(Exception):
    """A setting is missing or malformed; the message names its environment variable."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One house's settings. Every field `x` is read from `LUXE_X`."""

    data: str
    database_url: str
    nats_url: str
    public_url: str = "http://localhost:8400"
    secret: str
    psp_url: str = ""
    psp_key: str = ""
    psp_webhook_secret: str = ""
    psp_fields_url: str = ""
    payment_providers: str = "{}"
    payment_routes: str = "{}"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_sender: str = "The House <house@luxe.example>"
    database_urls: str = "{}"
    redis_url: str = ""
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    services_at: str = "{}"
    house_name: str = "LUXE"
    default_locale: str = "en"
    base_currency: str = "CNY"
    home_country: str = "CN"
    home_zone: str = "Asia/Shanghai"
    dispatch_by: str = "15:00"
    tax_engine: str = "table"
    carrier_url: str = ""
    carrier_key: str = ""
    carrier_webhook_secret: str = ""
    four_eyes_above: int = 50_000
    pool_size: int = 8
    stock_allocation: str = "oldest_first"
    stock_low_at: int = 1
    seller_name: str = ""
    seller_address: str = ""
    seller_tax_id: str = ""
    seller_register: str = ""
    seller_contact: str = ""
    invoice_series: str = "INV"
    credit_note_series: str = "CRN"
    rest_per_minute: int = 1_200
    rest_per_minute_nobody: int = 240
    process_name: str = "house"
    log_level: str = "INFO"
    otlp_url: str = ""

    @property
    def data_dir(self) -> Path:
        return Path(self.data)

    @property
    def elsewhere(self) -> dict[str, str]:
        """Unit → base address of the process that serves it, for the units this process does not serve."""
        return msgspec.json.decode(self.services_at, type=dict[str, str])


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads and checks the environment. Raises `SettingsError`."""
    source = os.environ if environ is None else environ
    given = {
        field: source[name]
        for field in Settings.__struct_fields__
        if (name := f"LUXE_{field.upper()}") in source
    }
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"settings (LUXE_*): {error}") from error
