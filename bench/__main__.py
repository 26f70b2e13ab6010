"""Runs scenarios and prints their tables: `python -m bench [SCENARIO …] [--keep]`; without a name, all of them."""

from __future__ import annotations

import argparse
import os

from bench import catalogue, checkout, cold_start, flat, stock
from bench.report import keep, table
from tests.journeys.opened import opened

WITH_HOUSE = {"catalogue": catalogue.run, "checkout": checkout.run, "flat": flat.run}
ALONE = {"cold_start": cold_start.run, "stock": stock.run}
NAMES = (*WITH_HOUSE, *ALONE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(NAMES))
    parser.add_argument("--keep", action="store_true", help="write each table to bench/results")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.scenarios) - set(NAMES)):
        parser.error(f"no such scenario: {', '.join(unknown)} (there are {', '.join(NAMES)})")
    os.environ["LUXE_REST_PER_MINUTE"] = "100000000"
    for scenario in asked.scenarios or NAMES:
        if scenario in ALONE:
            rows = ALONE[scenario]()
        else:
            with opened(keep=("LUXE_REST_PER_MINUTE",)) as house:
                rows = WITH_HOUSE[scenario](house)
        text = table(scenario, rows)
        print(text)
        if asked.keep:
            keep(scenario, text)


main()
