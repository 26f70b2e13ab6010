"""Invariants of shipments and appointments."""

from __future__ import annotations

from luxe.app.invariants.forms import NOT_NEGATIVE, SERIAL, UNITS, Across, Row, Source, Within

_ON_ITS_WAY = Source(
    schemas=("fulfilment",),
    rows="""
        SELECT DISTINCT variant_id || ' ' || serial COLLATE "C" AS piece, shipments.order_id FROM fulfilment.shipment_units
        JOIN fulfilment.shipments ON shipments.id = shipment_id
        WHERE live AND state IN ('handed_over', 'in_transit', 'out_for_delivery', 'exception')
        ORDER BY variant_id || ' ' || serial COLLATE "C" """,
)
_SHIPPED = Source(
    schemas=("inventory",),
    rows="""
        SELECT variant_id || ' ' || serial AS piece, order_id FROM inventory.units
        WHERE shipment IS NOT NULL AND serial IS NOT NULL ORDER BY variant_id || ' ' || serial COLLATE "C" """,
)


def _not_shipped(on_its_way: Row | None, shipped: Row | None) -> str:
    if on_its_way is None or shipped is not None:
        return ""
    return f"in a shipment of {on_its_way['order_id']} that is on its way, and not shipped"


INVARIANTS = (
    Within(
        name="a piece is in one live shipment of an order",
        rule=SERIAL,
        schemas=("fulfilment",),
        checked="SELECT count(*) FROM fulfilment.shipment_units WHERE live",
        broken="""
            SELECT serial, variant_id, count(*) AS shipments FROM fulfilment.shipment_units WHERE live
            GROUP BY order_id, variant_id, serial HAVING count(*) > 1 ORDER BY serial""",
    ),
    Within(
        name="the pieces of a shipment are free once it was called off or came back",
        rule=UNITS,
        schemas=("fulfilment",),
        checked="SELECT count(*) FROM fulfilment.shipments",
        broken="""
            SELECT shipments.id, state, bool_or(live) AS live FROM fulfilment.shipments
            JOIN fulfilment.shipment_units ON shipment_id = shipments.id
            GROUP BY shipments.id, state
            HAVING bool_or(live = (state IN ('called_off', 'returned_to_sender'))) ORDER BY shipments.id""",
    ),
    Within(
        name="a shipment stands as its events last moved it",
        rule=UNITS,
        schemas=("fulfilment",),
        checked="SELECT count(*) FROM fulfilment.shipment_events WHERE moved",
        broken="""
            WITH last AS (
                SELECT DISTINCT ON (shipment_id) shipment_id, state FROM fulfilment.shipment_events
                WHERE moved ORDER BY shipment_id, seq DESC
            )
            SELECT shipments.id, shipments.state, last.state AS moved_to FROM fulfilment.shipments
            LEFT JOIN last ON shipment_id = shipments.id
            WHERE last.state IS DISTINCT FROM shipments.state ORDER BY shipments.id""",
    ),
    Within(
        name="no more appointments stand than there is room for",
        rule=NOT_NEGATIVE,
        schemas=("fulfilment",),
        checked="SELECT count(*) FROM fulfilment.slots",
        broken="""
            SELECT slots.id, capacity, count(*) AS taken FROM fulfilment.slots
            JOIN fulfilment.appointments ON slot_id = slots.id
            WHERE state = 'confirmed' OR (state = 'reserved' AND expires_at > :now)
            GROUP BY slots.id, capacity HAVING count(*) > capacity ORDER BY slots.id""",
    ),
    Across(
        name="what is on its way has been shipped from stock",
        rule=UNITS,
        left=_ON_ITS_WAY,
        right=_SHIPPED,
        broken=_not_shipped,
    ),
)
