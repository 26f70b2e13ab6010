"""Full-bleed still lifes for the gate and the home page: several pieces on stone, with room left for words."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.generator import desk, eyewear, jewels, leather, silk, vessels, watches
from demo.generator.mesh import Part, Piece, moved, posed, turned
from demo.generator.pieces import COGNAC, ONYX, ROSE
from demo.generator.shapes import block, fillet, lathe, slab, standing
from demo.generator.studio import Lamp, Light, Set, View


@dataclass(frozen=True)
class Still:
    """One still life: what is in it, from where and under which light it is seen."""

    build: Callable[[], Piece]
    view: View
    room: Set


SUN = Light(
    low=0.22,
    high=0.50,
    tint=(0.90, 0.95, 1.06),
    lamps=(Lamp(205, 34, 4.5, 4.5, 150.0, (1.0, 0.86, 0.68), 1.5), Lamp(330, 30, 12, 26, 1.2)),
)
MORNING = Light(
    low=0.30,
    high=0.62,
    tint=(0.93, 0.97, 1.05),
    lamps=(Lamp(196, 27, 5.0, 5.0, 135.0, (1.0, 0.90, 0.77), 1.5), Lamp(270, 60, 24, 10, 1.0)),
)
DUSK = Light(
    low=0.025,
    high=0.10,
    tint=(0.9, 0.95, 1.1),
    lamps=(
        Lamp(208, 40, 13, 13, 11.0, (1.0, 0.80, 0.58), 4),
        Lamp(20, 26, 6, 30, 6.0, (1.0, 0.9, 0.8), 4),
        Lamp(330, 16, 5, 16, 1.5),
    ),
)


def lifted(piece: Piece, x: float, y: float, z: float, *turns: tuple[str, float]) -> Piece:
    """Pose a piece and set it on something at a height."""
    return [Part(moved(part.mesh, z=z), part.finish) for part in posed(piece, *turns, at=(x, y))]


def stone(
    wide: float,
    deep: float,
    tall: float,
    x: float,
    y: float,
    *,
    turn: float = 0,
    finish: str = "travertine",
    z: float = 0,
) -> Part:
    """Return a block of stone standing on the floor."""
    return Part(moved(turned(block(wide, deep, tall, 2.0, 4), "z", turn), x, y, z + tall / 2), finish)


def drum(radius: float, tall: float, x: float, y: float, finish: str) -> Part:
    """Return a low round plinth."""
    line = fillet([(0.01, 0), (radius, 0), (radius, tall), (0.01, tall)], 1.2)
    return Part(moved(lathe(line[::-1], segments=200), x, y, 0), finish)


def backdrop(y: float, finish: str, reach: float = 4000) -> Part:
    """Return a wall behind the scene."""
    return Part(moved(block(reach, 20, reach, 1.0, 3), 0, y + 10, reach / 2 - 50), finish)


def arch_wall(x: float, y: float, wide: float, tall: float, thick: float, finish: str) -> Part:
    """Return a free-standing arched panel."""
    return Part(moved(standing(slab(desk.arch(wide, tall, 320), 0, thick, 2.0)), x, y, 0), finish)


def gold() -> Piece:
    """Return cuff, bangle, rings and a gold watch on stone."""
    scene: Piece = [
        backdrop(150, "plaster"),
        stone(150, 92, 34, 92, 8, turn=-6),
        stone(86, 70, 72, 150, 48, turn=10),
    ]
    scene += lifted(jewels.cuff(), 78, -4, 34, ("z", 24))
    scene += lifted(jewels.bangle(), 22, -78, 0, ("z", 0))
    scene += lifted(jewels.emerald_ring(), 128, -26, 34, ("z", -30))
    scene += lifted(watches.watch_piece(ONYX), 152, 44, 72, ("x", 62), ("z", 14))
    scene += lifted(jewels.band(), 116, -62, 0, ("z", 20))
    scene += lifted(jewels.solitaire(), 76, -80, 0, ("z", -20))
    return scene


def table() -> Piece:
    """Return cups, a bowl and a vase in morning light."""
    scene: Piece = [
        backdrop(330, "plaster"),
        Part(moved(block(3000, 700, 30, 2, 4), 0, -40, 0), "linen"),
    ]
    scene += lifted(vessels.cup_and_saucer(), 90, -90, 15, ("z", 10))
    scene += lifted(vessels.cup_and_saucer(), 320, -30, 15, ("z", -60))
    scene += lifted(vessels.vase(), 250, 130, 15)
    scene += lifted(vessels.bowl(), 80, 90, 15, ("z", 40))
    return scene


def writing() -> Piece:
    """Return pen, clock and card case on a desk."""
    scene: Piece = [backdrop(200, "moss"), Part(moved(block(3000, 700, 20, 2, 4), 0, -60, 0), "clay")]
    scene.append(Part(moved(turned(block(210, 148, 0.5, 0.1, 3), "z", 8), 62, -70, 10.4), "card"))
    scene += lifted(desk.clock(), 168, 60, 10, ("z", -16))
    scene += lifted(desk.open_pen(), 40, -64, 10.7, ("z", 34))
    scene += lifted(leather.card_case(), 196, -74, 10, ("z", -20))
    return scene


def evening() -> Piece:
    """Return clutch, earrings and flacon in low light."""
    scene: Piece = [backdrop(190, "night"), Part(moved(block(3000, 700, 20, 2, 4), 0, -40, 0), "night")]
    scene += [drum(70, 26, 214, 0, "night")]
    scene += lifted(leather.clutch(), 76, 30, 10, ("z", -12))
    scene += lifted(vessels.layl(), 214, 4, 26, ("z", -20))
    scene += lifted(jewels.earrings(), 130, -74, 10, ("z", 10))
    return scene


def journey() -> Piece:
    """Return bag, silk and sunglasses under an arch of plaster."""
    scene: Piece = [
        backdrop(420, "plaster"),
        arch_wall(190, 260, 420, 520, 60, "travertine"),
        stone(330, 220, 90, 190, 60, turn=0),
    ]
    scene += lifted(leather.structured_bag(COGNAC), 170, 60, 90, ("z", -16))
    scene += lifted(eyewear.riva(), -60, -150, 0, ("z", 24))
    scene += lifted(silk.coiled(), 330, -130, 0, ("z", 200))
    scene += lifted(watches.watch_piece(ROSE), 40, -120, 0, ("x", 70), ("z", 30))
    return scene


def threshold() -> Piece:
    """Return an arch, steps and light: the picture for strangers, in which nothing is for sale."""
    return [
        backdrop(420, "plaster"),
        arch_wall(170, 250, 460, 560, 70, "travertine"),
        arch_wall(170, 190, 290, 400, 60, "moss"),
        stone(420, 150, 40, 170, 110),
        stone(300, 110, 40, 170, 90, z=40),
        drum(54, 110, 424, 40, "travertine"),
    ]


EDITORIALS: dict[str, Still] = {
    "threshold": Still(
        threshold,
        View(0, 13, 1100, aim=(90, 0, 270), lens=20, light=SUN),
        Set(floor=(0.50, 0.42, 0.33), flat=False, exposure=0.80),
    ),
    "still-life-gold": Still(
        gold,
        View(0, 17, 360, aim=(24, 0, 62), lens=20, light=SUN),
        Set(floor=(0.52, 0.45, 0.37), flat=False, exposure=0.80),
    ),
    "still-life-table": Still(
        table,
        View(0, 16, 780, aim=(60, 20, 128), lens=20, light=MORNING),
        Set(floor=(0.5, 0.47, 0.43), flat=False, exposure=0.80),
    ),
    "still-life-desk": Still(
        writing,
        View(0, 24, 470, aim=(30, -20, 62), lens=20, light=SUN),
        Set(floor=(0.2, 0.14, 0.1), flat=False, exposure=0.95),
    ),
    "still-life-evening": Still(
        evening,
        View(0, 13, 440, aim=(46, 0, 78), lens=20, light=DUSK),
        Set(floor=(0.03, 0.03, 0.03), flat=False, exposure=1.7),
    ),
    "still-life-journey": Still(
        journey,
        View(0, 13, 1000, aim=(40, 0, 230), lens=20, light=SUN),
        Set(floor=(0.50, 0.42, 0.33), flat=False, exposure=0.80),
    ),
}
