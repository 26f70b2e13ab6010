"""The schema of edit_order: its runs and what happened to them."""

from __future__ import annotations

from luxe.kernel.saga_store import saga_metadata

metadata = saga_metadata("edit_order")
