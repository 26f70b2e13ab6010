"""The schema of exchange: its runs and what happened to them."""

from __future__ import annotations

from luxe.kernel.saga_store import saga_metadata

metadata = saga_metadata("exchange")
