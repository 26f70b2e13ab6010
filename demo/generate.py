"""Make the demo house's pictures and 3D models: ``python -m demo.generate [--only SLUG] [--spp N] [--share S]``.

Needs the packages of ``demo/requirements.txt`` in an environment of its own. Every picture is seeded, so the
same command draws the same picture again.
"""

import argparse
import time
from pathlib import Path

from demo.generator.darkroom import keep, photograph
from demo.generator.editorials import EDITORIALS
from demo.generator.models import MODELS, write_model
from demo.generator.pieces import SUBJECTS, arranged
from demo.generator.studio import Set

HERE = Path(__file__).parent
PICTURE, EDITORIAL = (1200, 1500), (2000, 1250)
PICTURE_BUDGET, EDITORIAL_BUDGET = 130_000, 350_000


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Render the demo house.")
    parser.add_argument(
        "--only", action="append", default=[], help="a piece's or editorial's slug; may be repeated"
    )
    parser.add_argument("--shot", type=int, help="one picture of a piece, counted from 1")
    parser.add_argument("--missing", action="store_true", help="only pictures that do not exist yet")
    parser.add_argument(
        "--kind", choices=["pictures", "editorials", "models"], help="make one kind of thing only"
    )
    parser.add_argument("--spp", type=int, default=32, help="light paths per pixel")
    parser.add_argument(
        "--share", type=float, default=1.0, help="render at this share of the final size and enlarge"
    )
    parser.add_argument("--out", type=Path, default=HERE, help="the folder that holds pictures/ and models/")
    return parser.parse_args()


def take_pictures(chosen: argparse.Namespace) -> None:
    """Photograph the pieces."""
    for slug, subject in SUBJECTS.items():
        if chosen.only and slug not in chosen.only:
            continue
        for number, shot in enumerate(subject.shots, start=1):
            path = chosen.out / "pictures" / f"{slug}-{number}.webp"
            if (chosen.shot and number != chosen.shot) or (chosen.missing and path.exists()):
                continue
            began = time.monotonic()
            image = photograph(arranged(subject, shot), shot.view, Set(), PICTURE, chosen.spp, chosen.share)
            size_bytes = keep(image, path, PICTURE_BUDGET)
            print(f"{slug}-{number}: {size_bytes // 1000} kB in {time.monotonic() - began:.0f} s", flush=True)


def take_editorials(chosen: argparse.Namespace) -> None:
    """Photograph the still lifes."""
    for slug, still in EDITORIALS.items():
        if chosen.only and slug not in chosen.only:
            continue
        began = time.monotonic()
        image = photograph(still.build(), still.view, still.room, EDITORIAL, chosen.spp, chosen.share)
        size_bytes = keep(image, chosen.out / "pictures" / f"editorial-{slug}.webp", EDITORIAL_BUDGET)
        print(f"editorial-{slug}: {size_bytes // 1000} kB in {time.monotonic() - began:.0f} s", flush=True)


def export_models(chosen: argparse.Namespace) -> None:
    """Write the 3D models."""
    for slug in MODELS:
        if chosen.only and slug not in chosen.only:
            continue
        path = chosen.out / "models" / f"{slug}.glb"
        print(f"{slug}.glb: {write_model(slug, path) // 1000} kB", flush=True)


def main() -> None:
    """Make what was asked for."""
    chosen = options()
    for folder in ("pictures", "models"):
        (chosen.out / folder).mkdir(parents=True, exist_ok=True)
    if chosen.kind in (None, "models"):
        export_models(chosen)
    if chosen.kind in (None, "pictures"):
        take_pictures(chosen)
    if chosen.kind in (None, "editorials"):
        take_editorials(chosen)


if __name__ == "__main__":
    main()
