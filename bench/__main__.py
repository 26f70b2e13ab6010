"""`python -m bench [catalogue|checkout|cold_start|flat|stock] [--keep]`: runs scenarios and prints their tables."""

from __future__ import annotations

import os
import sys

from bench import catalogue, checkout, cold_start, flat, stock
from bench.report import keep, table
from tests.journeys.opened import opened

WITH_HOUSE = {"catalogue": catalogue.run, "checkout": checkout.run, "flat": flat.run}
ALONE = {"cold_start": cold_start.run, "stock": stock.run}


def main(arguments: list[str]) -> None:
    wanted = [each for each in arguments if not each.startswith("-")] or [*WITH_HOUSE, *ALONE]
    os.environ["LUXE_REST_PER_MINUTE"] = "100000000"
    for scenario in wanted:
        if scenario in ALONE:
            rows = ALONE[scenario]()
        else:
            with opened(keep=("LUXE_REST_PER_MINUTE",)) as house:
                rows = WITH_HOUSE[scenario](house)
        text = table(scenario, rows)
        print(text)
        if "--keep" in arguments:
            keep(scenario, text)


main(sys.argv[1:])
