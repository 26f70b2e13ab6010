"""What stands in front of the camera for every piece of the house, and where the camera stands."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.generator import desk, eyewear, jewels, leather, silk, vessels, watches
from demo.generator.mesh import Part, Piece, moved, posed
from demo.generator.studio import JEWEL, View

Pose = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Shot:
    """One picture: how the piece is turned before it is set down, and the view of it."""

    view: View
    pose: Pose = ()
    lift: float = 0.0


@dataclass(frozen=True)
class Subject:
    """One piece of the house: how it is built and how it is pictured."""

    build: Callable[[], Piece]
    shots: tuple[Shot, ...]


ROSE = watches.Watch(
    "rose-gold", "ivory-dial", "rose-gold", 19, "leather-tobacco", "thread-cream", small_seconds=True
)
STEEL = watches.Watch("steel", "blue-dial", "steel", 20)
ONYX = watches.Watch(
    "yellow-gold", "onyx", "yellow-gold", 19, "leather-black", "thread-dark", indices=4, cushion=True
)
NIGHT = watches.Watch("steel", "shell", "steel", 17, "leather-grey", "thread-grey", stones=True)
COGNAC = leather.Bag(280, 210, 110, "leather-cognac", "leather-cognac-edge", "thread-cream")
FOREST = leather.Bag(200, 152, 84, "leather-forest", "leather-forest-edge", "thread-forest")


def worn(watch: watches.Watch) -> Subject:
    """Return a watch pictured straight on, standing at an angle, and close."""
    scale = watch.radius / 19
    return Subject(
        lambda: watches.watch_piece(watch),
        (
            Shot(View(0, 90, 66 * scale, aim=(0, 0, 170)), lift=120),
            Shot(View(26, 20, 80 * scale), pose=(("x", 62),)),
            Shot(
                View(24, 34, 39 * scale, aim=(4 * scale, -9 * scale, 40 * scale + 1), blur=0.035, lens=16),
                pose=(("x", 38),),
            ),
        ),
    )


def bag(measures: leather.Bag, *, close: bool) -> Subject:
    """Return a structured bag pictured from the front, at an angle and perhaps at its lock."""
    wide = measures.wide
    shots = [
        Shot(View(0, 11, wide * 1.42)),
        Shot(View(34, 15, wide * 1.50)),
    ]
    if close:
        aim = (10.0, -measures.deep / 2, measures.tall * 0.62)
        shots.append(Shot(View(-24, 16, wide * 0.50, aim=aim, blur=0.03, lens=16)))
    return Subject(lambda: leather.structured_bag(measures), tuple(shots))


def glasses(build: Callable[[], Piece]) -> Subject:
    """Return a pair of glasses from the front and at an angle."""
    return Subject(build, (Shot(View(0, 9, 178)), Shot(View(34, 20, 214))))


SUBJECTS: dict[str, Subject] = {
    "meridian-38-rose": worn(ROSE),
    "meridian-40-steel": worn(STEEL),
    "coussin-onyx": worn(ONYX),
    "nocturne-34": worn(NIGHT),
    "solstice-ring": Subject(
        jewels.solitaire,
        (
            Shot(View(14, 13, 33, light=JEWEL)),
            Shot(View(38, 34, 33, light=JEWEL)),
            Shot(View(-22, 28, 17, aim=(0, 0, 24.5), light=JEWEL, blur=0.03, lens=16)),
        ),
    ),
    "trace-band": Subject(
        jewels.band,
        (
            Shot(View(16, 22, 31, light=JEWEL), pose=(("x", 90), ("z", -28))),
            Shot(View(0, 30, 21, aim=(0, -8.5, 2.2), light=JEWEL, blur=0.03, lens=16)),
        ),
    ),
    "verdance-ring": Subject(
        jewels.emerald_ring,
        (
            Shot(View(12, 26, 34, light=JEWEL)),
            Shot(View(-34, 20, 36, light=JEWEL)),
            Shot(View(16, 48, 19, aim=(0, 0, 23), light=JEWEL, blur=0.03, lens=16)),
        ),
    ),
    "orbit-cuff": Subject(
        jewels.cuff,
        (Shot(View(0, 36, 92)), Shot(View(-40, 22, 92), pose=(("x", 18),))),
    ),
    "tide-bangle": Subject(
        jewels.bangle,
        (Shot(View(0, 32, 92)), Shot(View(0, 22, 44, aim=(-6, -32, 3), blur=0.04, lens=16))),
    ),
    "lumen-pendant": Subject(
        jewels.pendant,
        (
            Shot(View(0, 90, 46, aim=(0, 13, 0), light=JEWEL)),
            Shot(View(18, 46, 25, aim=(0, 2, 2), light=JEWEL, blur=0.03, lens=16)),
        ),
    ),
    "halo-pearl-earrings": Subject(
        jewels.earrings,
        (
            Shot(View(0, 9, 70, light=JEWEL)),
            Shot(View(-16, 12, 38, aim=(-14, 0, 17), light=JEWEL, blur=0.03, lens=16)),
        ),
    ),
    "arcade-28": bag(COGNAC, close=True),
    "arcade-20": bag(FOREST, close=False),
    "ciel-clutch": Subject(leather.clutch, (Shot(View(0, 12, 270)), Shot(View(30, 24, 270)))),
    "demi-lune-bag": Subject(leather.half_moon, (Shot(View(0, 9, 390)), Shot(View(32, 16, 390)))),
    "carnet-card-case": Subject(
        leather.card_case,
        (Shot(View(0, 66, 136)), Shot(View(30, 34, 128), pose=(("z", 8),))),
    ),
    "riva-panto": glasses(eyewear.riva),
    "lido-round": glasses(eyewear.lido),
    "scala-black": glasses(eyewear.scala),
    "herbier-square": Subject(
        lambda: silk.laid("silk-herbier", 5),
        (Shot(View(0, 90, 1080)), Shot(View(-16, 30, 420, aim=(-110, -180, 4), blur=0.02, lens=16))),
    ),
    "nuit-des-jardins-square": Subject(
        lambda: silk.laid("silk-nuit", 15),
        (Shot(View(0, 90, 1080)), Shot(View(18, 30, 420, aim=(70, 40, 4), blur=0.02, lens=16))),
    ),
    "ruban-twilly": Subject(
        silk.coiled,
        (Shot(View(0, 34, 226)), Shot(View(10, 24, 132, aim=(-4, -10, 26), blur=0.03, lens=16))),
    ),
    "hatsuyuki-cup": Subject(
        vessels.cup_and_saucer,
        (Shot(View(0, 24, 186)), Shot(View(24, 30, 100, aim=(8, -14, 44), blur=0.03, lens=16))),
    ),
    "kumo-vase": Subject(
        vessels.vase,
        (Shot(View(0, 8, 320)), Shot(View(0, 26, 130, aim=(0, 0, 248), blur=0.02, lens=16))),
    ),
    "mizube-bowl": Subject(vessels.bowl, (Shot(View(0, 30, 266)), Shot(View(0, 89, 262)))),
    "shizuka-candle": Subject(vessels.candle, (Shot(View(0, 16, 190)), Shot(View(-28, 34, 180)))),
    "layl-parfum": Subject(vessels.layl, (Shot(View(0, 8, 140)), Shot(View(30, 16, 146)))),
    "sadaf-eau": Subject(vessels.sadaf, (Shot(View(0, 8, 150)), Shot(View(34, 14, 150)))),
    "dhofar-attar": Subject(vessels.attar, (Shot(View(0, 9, 112)), Shot(View(24, 28, 112)))),
    "no-7-fountain-pen": Subject(
        desk.open_pen,
        (
            Shot(View(0, 62, 124), pose=(("z", 62),)),
            Shot(View(0, 34, 42, aim=(-10, 0, 4), blur=0.035, lens=16), pose=(("z", 24),)),
        ),
    ),
    "no-7-lapis": Subject(
        lambda: desk.closed_pen("resin-lapis"),
        (
            Shot(View(0, 66, 118), pose=(("z", 56),)),
            Shot(View(0, 26, 78, aim=(10, 0, 6), blur=0.03, lens=16), pose=(("z", 28),)),
        ),
    ),
    "mantel-clock": Subject(desk.clock, (Shot(View(0, 8, 210)), Shot(View(30, 14, 220)))),
}


def arranged(subject: Subject, shot: Shot) -> Piece:
    """Return the piece as one of its pictures shows it."""
    piece = posed(subject.build(), *shot.pose)
    return [Part(moved(part.mesh, z=shot.lift), part.finish) for part in piece] if shot.lift else piece
