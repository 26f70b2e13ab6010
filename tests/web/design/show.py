"""Photographs every template for people to look at: `python -m tests.web.design.show FOLDER [--only WORD] [--tier black]`."""

import argparse
from pathlib import Path

from tests.web.design.camera import NARROW, WIDE, Looker, chromium, served, write
from tests.web.design.samples.registry import LOCALES, samples

FRAGMENTS = ("storefront/shop/suggestions.html",)


def main() -> None:
    """Reads the command line, renders, photographs and prints what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--tier", default="silver")
    parser.add_argument("--locales", default=",".join(LOCALES))
    choices = parser.parse_args()
    shots = choices.folder / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    wanted = [
        each for locale in choices.locales.split(",") for each in samples(locale) if choices.only in each.name
    ]
    written = write(choices.folder, [each for each in wanted if each.template not in FRAGMENTS], choices.tier)
    with served(choices.folder) as address, chromium() as browser:
        for width in (NARROW, WIDE):
            looker = Looker(browser, address, width)
            for name in written:
                looker.open(name).screenshot(path=shots / f"{name}.{width}.png", full_page=True)
                looker.inspect(name)
            print("\n".join(looker.faults))
    print(f"{len(written)} pages in {shots}")


if __name__ == "__main__":
    main()
