"""Leather goods by Castellune: panels, piping, stitches and quiet metal. The front faces -y, feet on z = 0."""

from dataclasses import dataclass, replace

import numpy as np

from demo.generator.mesh import Array, Mesh, Part, Piece, grid, merge, moved, scaled, turned
from demo.generator.shapes import (
    ball,
    block,
    circle,
    fillet,
    lathe,
    oblong,
    resample,
    ring_slab,
    slab,
    smooth,
    standing,
    stitches,
    sweep,
)


@dataclass(frozen=True)
class Bag:
    """A structured bag's measures in millimetres and its colours."""

    wide: float
    tall: float
    deep: float
    hide: str
    edge: str
    thread: str
    metal: str = "yellow-gold"


def tapered(mesh: Mesh, bag: Bag) -> Mesh:
    """Narrow a bag's body towards the top and let its faces swell a little."""
    points = mesh.vertices.copy()
    share = np.clip(points[:, 2] / bag.tall + 0.5, 0, 1)
    points[:, 0] *= 1 - 0.10 * share
    swell = 1 + 0.07 * np.sin(np.pi * share) * np.cos(np.clip(points[:, 0] / bag.wide, -0.5, 0.5) * np.pi)
    points[:, 1] *= (1 - 0.40 * share) * swell
    return replace(mesh, vertices=points)


def face_outline(bag: Bag, margin: float) -> Array:
    """Return the front face's edge as 3D points, from top left around the bottom to top right."""
    x, z = bag.wide / 2 - margin, bag.tall / 2 - margin
    line = fillet([(-x, z), (-x, -z), (x, -z), (x, z)], 16, steps=10)
    flat = resample(line, 240)
    return np.column_stack([flat[:, 0], np.full(240, -bag.deep / 2), flat[:, 1]])


def flap(bag: Bag) -> Piece:
    """Return the flap: over the back edge, across the top and down a third of the front."""
    drop, count = bag.tall * 0.40, 60
    top = bag.deep / 2 * 0.60
    line = [(top + 2.6, -bag.tall * 0.10), (top + 2.6, -6), (top, 3.2), (-top, 3.2), (-top - 3.4, -8)]
    line.append((-bag.deep / 2 * (0.60 + 0.40 * drop / bag.tall) - 6.0, -drop))
    curve = resample(fillet(line, 15, steps=10), count)
    across = np.linspace(-1, 1, 61)
    layers = []
    for lift in (0.0, 3.0):
        points = np.zeros((count, 61, 3))
        share = np.linspace(0, 1, count)[:, None]
        half = bag.wide / 2 * 0.90 - 3 + 6 * share
        points[..., 0] = across[None] * half
        points[..., 1] = curve[:, :1]
        points[..., 2] = bag.tall / 2 + curve[:, 1:]
        near_end = np.clip((share - 0.72) / 0.28, 0, 1)
        points[..., 2] += near_end * bag.tall * 0.075 * (np.abs(across[None]) ** 4)
        tangent = np.gradient(curve, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        points[..., 1] -= normal[:, :1] * lift
        points[..., 2] -= normal[:, 1:] * lift
        layers.append(points)
    outer, inner = layers
    if outer[count // 2, 30, 2] < inner[count // 2, 30, 2]:
        outer, inner = inner, outer
    rim_outer = np.concatenate([outer[:, 0], outer[-1], outer[::-1, -1]])
    rim_inner = np.concatenate([inner[:, 0], inner[-1], inner[::-1, -1]])
    middle = (rim_outer + rim_inner) / 2
    edge = sweep(resample(middle, 400), circle(1.65, 14), crease=60)
    seam = np.concatenate([outer[8:, 2], outer[-3], outer[:7:-1, -3]]) + np.array([0, -0.3, 0])
    stitch = stitches(resample(seam, 400), 3.4, 1.4, 0.42)
    return [
        Part(grid(outer), bag.hide),
        Part(grid(inner), bag.hide),
        Part(edge, bag.edge),
        Part(stitch, bag.thread),
    ]


def lock(bag: Bag) -> Piece:
    """Return the turning lock on the flap's lower edge."""
    scale = bag.wide / 280
    plate = slab(oblong(26 * scale, 34 * scale, 6 * scale, 8), 0, 3, 0.9)
    post = moved(lathe(fillet([(5, 3), (5, 7), (4, 8), (0.01, 8)], 0.6)[::-1], segments=64), 0, 0, 0)
    bar = moved(slab(oblong(9 * scale, 27 * scale, 4.2 * scale, 8), 0, 4.5, 1.6), 0, 0, 7)
    z = bag.tall / 2 - bag.tall * 0.385
    y = -bag.deep / 2 * (0.60 + 0.40 * 0.4) - 9.0
    meshes = [moved(standing(mesh), 0, y + 1.5, z) for mesh in (plate, post, bar)]
    return [Part(merge(*meshes), bag.metal)]


def handle(bag: Bag) -> Piece:
    """Return the rolled top handle, its rings and its leather tabs."""
    scale = bag.wide / 280
    span, rise, foot = bag.wide * 0.21, bag.tall * 0.52, bag.tall / 2 + 13 * scale
    path = smooth(
        [
            (-span, 0, foot),
            (-span * 1.02, 0, foot + rise * 0.42),
            (-span * 0.62, 0, foot + rise * 0.88),
            (0, 0, foot + rise),
            (span * 0.62, 0, foot + rise * 0.88),
            (span * 1.02, 0, foot + rise * 0.42),
            (span, 0, foot),
        ],
        160,
    )
    share = np.abs(np.linspace(-1, 1, 160))
    roll = sweep(path, circle(6.4 * scale, 28), scale=1.0 - 0.28 * share**3, crease=60)
    seam = path + np.array([0, -6.3 * scale, 0]) * (1.0 - 0.28 * share**3)[:, None]
    line = stitches(seam[10:-10], 3.2, 1.4, 0.4)
    parts = [Part(roll, bag.hide), Part(line, bag.thread)]
    for side in (-1, 1):
        angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        wire = np.stack([np.cos(angle) * 9 * scale, 0 * angle, np.sin(angle) * 9 * scale], 1)
        link = sweep(wire, circle(2.1 * scale, 16), closed=True, up=(0, 1, 0), crease=60)
        collar = lathe(fillet([(0.01, -5), (6.2, -5), (6.2, 5), (0.01, 5)], 1.0)[::-1], segments=64)
        tab = moved(slab(oblong(22 * scale, 34 * scale, 8 * scale, 8), 0, 4, 1.2), 0, 0, -2)
        parts += [
            Part(moved(link, side * span, 0, foot - 5 * scale), bag.metal),
            Part(moved(scaled(collar, scale), side * span, 0, foot + 5 * scale), bag.metal),
            Part(moved(standing(tab), side * span, -bag.deep * 0.17, bag.tall / 2 - 3 * scale), bag.hide),
        ]
    return parts


def structured_bag(bag: Bag) -> Piece:
    """Return a top-handle bag."""
    body = tapered(block(bag.wide, bag.deep, bag.tall, 12, 40), bag)
    parts = [Part(body, bag.hide), *flap(bag), *lock(bag), *handle(bag)]
    pipe = tapered(sweep(face_outline(bag, 2.0), circle(1.9, 14), crease=60), bag)
    parts += [Part(pipe, bag.edge), Part(scaled(pipe, 1, -1, 1), bag.edge)]
    seam = stitches(face_outline(bag, 9), 3.4, 1.4, 0.42)
    parts.append(Part(moved(tapered(seam, bag), 0, -1.2), bag.thread))
    feet = lathe(fillet([(0.01, -4), (5, -4), (6, -1), (6, 2)], 1.0), segments=48)
    for x in (-1, 1):
        for y in (-1, 1):
            parts.append(
                Part(moved(feet, x * bag.wide * 0.40, y * bag.deep * 0.32, -bag.tall / 2), bag.metal)
            )
    return parts


def clutch() -> Piece:
    """Return the framed clutch: a soft body gathered into a gilded frame, closed by two spheres."""
    wide, tall, deep = 220.0, 118.0, 54.0
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 220, endpoint=False), np.linspace(0, 1, 70), indexing="ij")
    depth = (
        deep / 2 * (np.sin(np.pi * np.clip(v * 0.93 + 0.035, 0, 1)) ** 0.62) * (0.40 + 0.60 * (1 - v) ** 0.55)
        + 3.0 * v
    )
    half = (
        wide
        / 2
        * (0.90 + 0.12 * np.sin(np.pi * (v * 0.78 + 0.12)))
        * (1 - 0.07 * np.clip((0.14 - v) / 0.14, 0, 1) ** 2)
    )
    x = np.sign(np.cos(u)) * np.abs(np.cos(u)) ** 0.72 * half
    y = np.sign(np.sin(u)) * np.abs(np.sin(u)) ** 0.80 * depth
    gather = 1 + 0.17 * np.sin(u * 26) * np.clip((v - 0.42) / 0.58, 0, 1) ** 1.4 * np.abs(np.sin(u))
    past = np.clip((np.abs(x) - half + 34) / 34, 0, 1)
    lift = 32 * (1 - np.sqrt(1 - past**2)) * (1 - v) ** 2
    body = grid(np.stack([x, y * gather, v * (tall + 3) + lift], 2), close_u=True, crease=60)
    line = [
        (-wide * 0.462, 0, tall * 0.62),
        (-wide * 0.458, 0, tall - 8),
        (-wide * 0.40, 0, tall + 2.5),
        (0, 0, tall + 4.0),
    ]
    path = smooth([*line, *[(-a, b, c) for a, b, c in line[-2::-1]]], 260)
    bars = []
    for side in (-1, 1):
        bar = sweep(path, oblong(4.4, 6.2, 1.5), up=(0, 1, 0), crease=50)
        bars.append(moved(bar, 0, side * 2.45, 0))
    knobs = []
    for side in (-1, 1):
        knobs += [moved(ball(8.2, 72), side * 6.4, side * 2.2, tall + 15.5)]
        knobs.append(moved(lathe([(2.6, 0), (2.2, 6), (2.4, 10)]), side * 6.4, side * 2.2, tall + 3))
    return [
        Part(body, "leather-burgundy"),
        Part(merge(*bars), "yellow-gold-satin"),
        Part(merge(*knobs), "yellow-gold"),
    ]


MOON_WIDE, MOON_TALL, MOON_DEEP, MOON_TOP = 300.0, 172.0, 84.0, 28.0


def moon_taper(y: Array) -> Array:
    """Return how much of its full depth the half-moon has at a height, the least along its upper edge."""
    return 0.56 + 0.44 * np.clip((MOON_TOP - y) / (MOON_TALL + MOON_TOP), 0, 1)


def moon_swell(x: Array, y: Array) -> Array:
    """Return how far the half-moon's face swells beyond its edge."""
    spread = (x / MOON_WIDE * 2) ** 2 + np.clip(-y / MOON_TALL, 0, 1) ** 2
    return 13 * np.clip(1 - spread, 0, 1) * (1 - np.exp((y - MOON_TOP) / MOON_TALL * 2.4))


def moon_body(outline: Array) -> Mesh:
    """Return the two swelling faces and the gusset between them."""
    front = slab(outline, 0, MOON_DEEP / 2, 8, steps=8, dome=0.01)
    body = merge(front, scaled(front, 1, 1, -1))
    points = body.vertices.copy()
    on_face = np.abs(points[:, 2]) > MOON_DEEP / 2 - 0.5
    points[:, 2] += np.sign(points[:, 2]) * moon_swell(points[:, 0], points[:, 1]) * on_face
    points[:, 2] *= moon_taper(points[:, 1])
    return replace(body, vertices=points)


def half_moon() -> Piece:
    """Return the half-moon shoulder bag: two faces, a gusset and one long strap."""
    wide, tall = MOON_WIDE, MOON_TALL
    angle = np.linspace(np.pi, 2 * np.pi, 90)
    curve = np.stack([np.cos(angle) * wide / 2, np.sin(angle) * tall], 1)
    top = fillet([(wide / 2, 0), (wide / 2, MOON_TOP), (-wide / 2, MOON_TOP), (-wide / 2, 0)], 20, steps=10)[
        1:-1
    ]
    outline = resample(np.concatenate([curve, top, curve[:1]]), 300, closed=True)
    piece = [Part(standing(moon_body(outline)), "leather-chalk")]
    depth = MOON_DEEP / 2 * moon_taper(outline[:, 1])
    for side in (-1, 1):
        pipe = np.column_stack([outline * 0.975, side * (depth - 3.2)])
        piping = sweep(pipe, circle(1.9, 12), closed=True, crease=60)
        piece.append(Part(standing(piping), "leather-chalk-edge"))
    seam = curve[3:-3] * 0.90
    height = (MOON_DEEP / 2 + moon_swell(seam[:, 0], seam[:, 1])) * moon_taper(seam[:, 1]) + 0.25
    line = stitches(np.column_stack([seam, height]), 3.4, 1.5, 0.42)
    piece.append(Part(standing(line), "thread-cream"))
    path = smooth(
        [
            (-wide * 0.44, 0, 20),
            (-wide * 0.42, 0, 60),
            (-wide * 0.27, 0, 150),
            (0, 0, 190),
            (wide * 0.27, 0, 150),
            (wide * 0.42, 0, 60),
            (wide * 0.44, 0, 20),
        ],
        240,
    )
    piece.append(Part(sweep(path, oblong(3.6, 21, 1.3), up=(0, 1, 0), crease=50), "leather-chalk"))
    for side in (-1, 1):
        frame = ring_slab(oblong(34, 20, 5), oblong(25, 11, 2), -2, 2, 1.2)
        piece.append(
            Part(
                moved(standing(turned(frame, "z", 90 + side * 4)), side * wide * 0.437, -2, 29), "yellow-gold"
            )
        )
    return piece


def panel(wide: float, tall: float, low: float, high: float, cut: float = 0.0) -> Mesh:
    """Return a thin leather panel, with a thumb cut in its upper edge where asked."""
    corner = [(wide / 2, -tall / 2), (wide / 2, tall / 2), (-wide / 2, tall / 2), (-wide / 2, -tall / 2)]
    outline = resample(
        np.concatenate([line := fillet(corner, 5, closed=True, steps=12), line[:1]]), 420, closed=True
    )
    if cut:
        near = (outline[:, 1] > tall * 0.3) & (np.abs(outline[:, 0]) < 13)
        outline[near, 1] -= cut * np.cos(outline[near, 0] / 13 * np.pi / 2) ** 1.2
    return slab(outline, low, high, 0.45)


def card_case() -> Piece:
    """Return the card case lying on its back, with one card looking out."""
    wide, tall = 102.0, 74.0
    back = panel(wide, tall, 0, 1.5)
    middle = moved(panel(wide - 0.6, tall * 0.80, 1.5, 2.8), 0, -tall * 0.097)
    front = moved(panel(wide - 0.2, tall * 0.62, 2.8, 4.2, 9), 0, -tall * 0.187)
    card = moved(slab(oblong(86, 54, 2.5), 1.7, 2.2, 0.1), 0, 7.5)
    x, y = wide / 2 - 2.6, tall / 2 - 2.6
    seams = []
    top = tall * 0.62 - tall / 2 - 3
    line = fillet([(-x, top), (-x, -y), (x, -y), (x, top)], 3, steps=8)
    seams.append(stitches(np.column_stack([resample(line, 300), np.full(300, 4.25)]), 2.3, 1.0, 0.26))
    for z, low, top in ((2.9, tall * 0.125, tall * 0.29), (1.6, tall * 0.31, tall / 2 - 3)):
        for side in (-1, 1):
            seams.append(
                stitches(
                    np.array([(side * x, low, z), (side * x, (low + top) / 2, z), (side * x, top, z)]),
                    2.3,
                    1.0,
                    0.26,
                )
            )
    hide = merge(back, middle, front)
    return [Part(hide, "leather-tobacco"), Part(card, "card"), Part(merge(*seams), "thread-cream")]
