"""Invariants of the units."""

from __future__ import annotations

from luxe.app.invariants.forms import HOLDS, NOT_NEGATIVE, UNITS, Within

INVARIANTS = (
    Within(
        name="units there are the sum of their movements",
        rule=UNITS,
        schemas=("inventory",),
        checked="SELECT count(*) FROM inventory.units",
        broken="""
            WITH there AS (
                SELECT variant_id, location, count(*) AS units FROM inventory.units GROUP BY variant_id, location
            ), moved AS (
                SELECT variant_id, location, sum(quantity) AS moved
                FROM inventory.movements GROUP BY variant_id, location
            )
            SELECT variant_id, location, units, moved FROM there FULL JOIN moved USING (variant_id, location)
            WHERE coalesce(units, 0) <> coalesce(moved, 0) ORDER BY variant_id, location""",
    ),
    Within(
        name="no stock is negative",
        rule=NOT_NEGATIVE,
        schemas=("inventory",),
        checked="SELECT count(DISTINCT variant_id) FROM inventory.movements",
        broken="""
            SELECT variant_id, sum(quantity) AS moved FROM inventory.movements
            GROUP BY variant_id HAVING sum(quantity) < 0 ORDER BY variant_id""",
    ),
    Within(
        name="a unit is free, held or sold, and only one of them",
        rule=UNITS,
        schemas=("inventory",),
        checked="SELECT count(*) FROM inventory.units",
        broken="""
            SELECT id, serial, run, held_until, order_id FROM inventory.units
            WHERE held_until IS NOT NULL AND order_id IS NOT NULL
            OR (run IS NULL) <> (held_until IS NULL AND order_id IS NULL) ORDER BY id""",
    ),
    Within(
        name="every unit of a transfer is on its way, has arrived or is back",
        rule=UNITS,
        schemas=("inventory",),
        checked="SELECT count(*) FROM inventory.transfers",
        broken="""
            SELECT transfers.id, state, quantity, arrived, count(units.id) AS moving
            FROM inventory.transfers LEFT JOIN inventory.units ON units.transfer = transfers.id
            GROUP BY transfers.id, state, quantity, arrived
            HAVING CASE state WHEN 'in_transit' THEN arrived + count(units.id) <> quantity
                WHEN 'received' THEN arrived <> quantity OR count(units.id) > 0 ELSE count(units.id) > 0 END
            ORDER BY transfers.id""",
    ),
    Within(
        name="a serial number is one unit",
        rule=UNITS,
        schemas=("inventory",),
        checked="SELECT count(*) FROM inventory.units",
        broken="""
            SELECT serial, count(*) AS units FROM inventory.units
            GROUP BY serial HAVING count(*) > 1 ORDER BY serial""",
    ),
    Within(
        name="a hold on a unit ends by its time",
        rule=HOLDS,
        schemas=("inventory",),
        checked="SELECT count(*) FROM inventory.units WHERE held_until IS NOT NULL",
        broken="""
            SELECT id, serial, run, held_until FROM inventory.units
            WHERE held_until < CAST(:now AS timestamptz) - CAST(:patience AS interval) ORDER BY id""",
    ),
)
