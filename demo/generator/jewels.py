"""Jewellery: rings standing on the floor, cuffs and bangles lying on it, a pendant and a pair of earrings."""

import numpy as np

from demo.generator.gems import brilliant, pear, step_cut
from demo.generator.mesh import Array, Mesh, Part, Piece, merge, moved, scaled, turned
from demo.generator.shapes import ball, circle, fillet, lathe, oblong, ring_slab, smooth, sweep


def arc(radius: float, start: float, end: float, count: int) -> Array:
    """Return an arc in the xz plane; degrees run from +x towards +z."""
    angle = np.radians(np.linspace(start, end, count))
    return np.stack([radius * np.cos(angle), 0 * angle, radius * np.sin(angle)], 1)


def shank(radius: float, wide: float, thick: float, metal: str, narrow: float = 0.6) -> Part:
    """Return a ring's band, axis along y, narrowing towards the stone at the top."""
    path = arc(radius + thick / 2, 90, 450, 241)[:-1]
    height = path[:, 2] / (radius + thick / 2)
    taper = 1 - (1 - narrow) * np.clip((height - 0.2) / 0.8, 0, 1) ** 1.5
    rise = 1 + 0.25 * np.clip((height - 0.7) / 0.3, 0, 1)
    section = oblong(thick, wide, min(thick, wide) * 0.46, steps=8)
    return Part(sweep(path, section, closed=True, up=(0, 1, 0), scale=np.stack([rise, taper], 1)), metal)


def claw(
    base: tuple[float, float, float],
    girdle: tuple[float, float, float],
    tip: tuple[float, float, float],
    radius: float,
) -> Mesh:
    """Return one claw from the gallery past the girdle to its rounded tip on the crown."""
    path = smooth([base, tuple((np.array(base) + np.array(girdle)) / 2 * [1, 1, 0.985]), girdle, tip], 28)
    taper = np.concatenate([np.linspace(1.25, 1.0, 22), [1.0, 0.97, 0.9, 0.75, 0.5, 0.08]])
    return sweep(path, circle(radius, 16), scale=taper, crease=60)


def solitaire() -> Piece:
    """Return the platinum ring with one round brilliant."""
    gem, inner = 8.2, 8.35
    seat = inner + 6.4
    claws = []
    for index in range(6):
        angle = np.radians(60 * index + 30)
        x, y = np.cos(angle), np.sin(angle)
        base = (x * 1.15, y * 0.9, inner + 1.4)
        claws.append(claw(base, (x * 4.22, y * 4.22, seat), (x * 3.35, y * 3.35, seat + 1.02), 0.42))
    gallery = lathe(
        np.column_stack([2.42 + 0.34 * np.cos(t := np.linspace(0, 2 * np.pi, 24)), 0.34 * np.sin(t)])
    )
    return [
        shank(inner, 2.3, 1.75, "platinum", 0.72),
        Part(merge(*claws), "platinum"),
        Part(moved(gallery, z=seat - 2.75), "platinum"),
        Part(moved(turned(brilliant(gem), "z", 9), z=seat), "diamond"),
    ]


def emerald_ring() -> Piece:
    """Return the emerald between two tapered diamonds."""
    inner, seat = 8.35, 8.35 + 4.6
    wide, long = 7.4, 9.6
    claws = []
    for x in (-1, 1):
        for y in (-1, 1):
            corner = (x * (wide / 2 - 0.25), y * (long / 2 - 0.25), seat + 0.2)
            tip = (x * (wide / 2 - 1.25), y * (long / 2 - 1.25), seat + 1.55)
            claws.append(claw((x * 1.9, y * 1.9, inner + 1.0), corner, tip, 0.46))
    base = ring_slab(
        oblong(wide * 0.74, long * 0.74, 0.8), oblong(wide * 0.56, long * 0.56, 0.6), -0.4, 0.4, 0.3
    )
    parts = [
        shank(inner, 2.6, 1.8, "yellow-gold", 0.95),
        Part(moved(base, z=seat - 2.6), "yellow-gold"),
        Part(merge(*claws), "yellow-gold"),
        Part(moved(step_cut(wide, long), z=seat), "emerald"),
    ]
    for side in (-1, 1):
        stone = turned(turned(step_cut(4.0, 4.2, taper=0.6, corner=0.04), "z", -90 * side), "y", 34 * side)
        cup = turned(
            ring_slab(oblong(4.9, 4.6, 0.6), oblong(3.8, 3.5, 0.4), -2.3, 0.15, 0.25), "y", 34 * side
        )
        parts.append(Part(moved(stone, side * 6.2, 0, seat - 2.5), "diamond"))
        parts.append(Part(moved(cup, side * 6.2, 0, seat - 2.5), "yellow-gold"))
    return parts


def band() -> Piece:
    """Return the plain band with a line of brilliants sunk along one edge, axis along z."""
    inner, outer = 9.0, 10.75
    profile = [(outer, -2.0), (outer + 0.08, 0.3), (outer, 0.62), (outer - 0.75, 0.72), (outer - 0.75, 1.72)]
    profile += [
        (outer, 1.80),
        (outer - 0.1, 2.1),
        (inner + 0.1, 2.1),
        (inner - 0.12, 0),
        (inner + 0.1, -2.1),
        (outer - 0.2, -2.1),
    ]
    ring = lathe(
        np.concatenate([fillet(profile, 0.22, closed=True), fillet(profile, 0.22, closed=True)[:1]]),
        segments=260,
    )
    stones = []
    for index in range(58):
        stone = turned(turned(brilliant(1.06), "z", 13 * index), "y", 90)
        stones.append(turned(moved(stone, outer - 0.10, 0, 1.22), "z", index * 360 / 58))
    return [Part(ring, "yellow-gold"), Part(merge(*stones), "diamond")]


def cuff() -> Piece:
    """Return the open cuff lying flat: a tapering bar with a sphere at either end, one with a sapphire."""
    path = arc(30.5, -58, 238, 260)
    path = np.stack([path[:, 0] * 1.06, path[:, 2] * 0.94, 0 * path[:, 0]], 1)
    share = np.abs(np.linspace(-1, 1, 260))
    bar = sweep(path, circle(2.9, 40), up=(0, 0, 1), scale=1.06 - 0.30 * share**2, crease=60)
    parts = [Part(bar, "yellow-gold")]
    for end in (path[0], path[-1]):
        parts.append(Part(moved(ball(5.9, 96), *end), "yellow-gold"))
    collar = lathe(
        np.column_stack([2.55 + 0.42 * np.cos(t := np.linspace(0, 2 * np.pi, 24)), 0.42 * np.sin(t)])
    )
    stone = scaled(ball(2.35, 64), 1, 1, 0.62)
    for mesh, finish in ((collar, "yellow-gold"), (stone, "sapphire-cabochon")):
        facing = turned(turned(moved(mesh, z=5.45), "x", 52), "z", 8)
        parts.append(Part(moved(facing, *path[-1]), finish))
    return parts


def bangle(radius: float = 32.5) -> Piece:
    """Return the bangle whose oval section turns three times on its way around."""
    count = 480
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    path = np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1) * radius
    section = circle(1, 48) * np.array([3.7, 2.0])
    return [Part(sweep(path, section, closed=True, up=(0, 0, 1), twist=3 * angle, crease=60), "rose-gold")]


def link(long: float, wide: float, wire: float) -> Mesh:
    """Return one oval chain link along y."""
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    path = np.stack([np.cos(angle) * wide / 2, np.sin(angle) * long / 2, 0 * angle], 1)
    return sweep(path, circle(wire, 8), closed=True, up=(0, 0, 1), crease=60)


def chain(curve: Array, pitch: float, metal: str) -> Part:
    """Return a chain of alternating links along a curve in the xy plane."""
    one = link(pitch * 1.55, pitch * 0.95, pitch * 0.17)
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    place = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.arange(0, place[-1], pitch)
    points = np.stack([np.interp(wanted, place, curve[:, axis]) for axis in range(3)], 1)
    ahead = np.gradient(points, axis=0)
    links = []
    for index, (point, along) in enumerate(zip(points, ahead, strict=True)):
        lean = turned(one, "y", 45 if index % 2 else -45)
        links.append(moved(turned(lean, "z", np.degrees(np.arctan2(-along[0], along[1]))), *point))
    return Part(merge(*links), metal)


def pendant() -> Piece:
    """Return the sapphire drop in its frame of brilliants, lying with its chain, the bail towards +y."""
    wide, long = 9.6, 13.6
    stone = moved(pear(wide, long), z=2.6)
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    narrow = 1 - 0.42 * np.clip(np.sin(angle), 0, 1) ** 1.2
    outline = np.stack([np.cos(angle) * narrow * (wide / 2 + 1.15), np.sin(angle) * (long / 2 + 1.25)], 1)
    travel = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))])
    wanted = np.linspace(0, travel[-1], 27, endpoint=False)
    spots = np.stack([np.interp(wanted, travel, outline[:, axis]) for axis in (0, 1)], 1)
    stones = [moved(turned(brilliant(1.62), "z", 17 * i), x, y, 2.75) for i, (x, y) in enumerate(spots)]
    beads = []
    for (x, y), (nx, ny) in zip(spots, np.roll(spots, -1, axis=0), strict=True):
        for share in (0.86, 1.14):
            beads.append(moved(ball(0.27, 14), (x + nx) / 2 * share**0.5, (y + ny) / 2 * share**0.5, 2.95))
    outer = np.column_stack([outline * 1.135])
    inner = outline * 0.865
    tray = ring_slab(outer, outline * 1.06, 0.4, 2.75, 0.12)
    seat = ring_slab(outline * 1.07, inner, 0.4, 2.0, 0.3)
    top = long / 2 + 1.9
    bail = moved(turned(link(4.6, 2.6, 0.45), "y", 70), 0, top + 1.6, 2.2)
    left = smooth(
        [(0.0, top + 3.4, 2.2), (-6, top + 20, 1.2), (-16, top + 46, 0.9), (-27, top + 84, 0.9)], 400
    )
    right = left * np.array([-1, 1, 1])
    return [
        Part(stone, "sapphire"),
        Part(merge(*stones), "diamond"),
        Part(merge(*beads, seat), "platinum"),
        Part(tray, "yellow-gold"),
        Part(bail, "yellow-gold"),
        chain(left, 1.25, "yellow-gold"),
        chain(right, 1.25, "yellow-gold"),
    ]


def hoop(turn: float, x: float, y: float) -> Piece:
    """Return one hoop with its pearl, standing, turned about the vertical."""
    path = arc(12, 90, 450, 181)[:-1]
    height = (1 - path[:, 2] / 12) / 2
    body = sweep(path, circle(1.0, 28), closed=True, up=(0, 1, 0), scale=0.72 + 0.75 * height, crease=60)
    hinge = turned(
        lathe(fillet([(0.01, -1.3), (1.15, -1.3), (1.15, 1.3), (0.01, 1.3)], 0.3)[::-1], segments=48), "y", 90
    )
    cap = lathe(fillet([(0.01, 0.9), (1.0, 0.6), (2.1, -0.6), (2.35, -1.1)], 0.3)[::-1], segments=64)
    eye = turned(link(3.2, 3.2, 0.36), "x", 90)
    parts = [
        Part(body, "yellow-gold"),
        Part(moved(hinge, z=12.1), "yellow-gold"),
        Part(moved(eye, z=-13.6), "yellow-gold"),
        Part(moved(cap, z=-15.4), "yellow-gold"),
        Part(moved(ball(5.6, 96), z=-21.4), "pearl"),
    ]
    return [Part(moved(turned(part.mesh, "z", turn), x, y, 27), part.finish) for part in parts]


def earrings() -> Piece:
    """Return the pair."""
    return hoop(28, -14.5, 2) + hoop(-40, 14.5, -3)
