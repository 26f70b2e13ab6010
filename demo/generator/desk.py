"""Things for a desk by Wrenmoor: pens lying along x, and an arched clock standing on z = 0."""

import numpy as np

from demo.generator.mesh import Array, Mesh, Part, Piece, grid, merge, moved, turned
from demo.generator.shapes import (
    ball,
    block,
    circle,
    disc,
    fillet,
    inset,
    lathe,
    oblong,
    resample,
    ring_slab,
    slab,
    smooth,
    standing,
    sweep,
)
from demo.generator.watches import dauphine


def turned_part(line: list[tuple[float, float]], *, count: int = 0) -> Mesh:
    """Turn a (radius, place) profile and lay it along +x."""
    profile = smooth(line, count) if count else fillet(line, 0.25)
    return turned(lathe(profile[::-1], segments=128, crease=35), "y", 90)


def ring(radius: float, place: float, wide: float, metal: str = "yellow-gold") -> Part:
    """Return a fine metal ring around a pen."""
    line = [(radius - 0.4, place), (radius, place), (radius, place + wide), (radius - 0.4, place + wide)]
    return Part(turned_part(line), metal)


def nib(place: float) -> Piece:
    """Return the nib, its slit and the feed beneath it, pointing to -x."""
    count = 60
    share = np.linspace(0, 1, count)
    half = 4.1 * np.sin(np.clip(share * 1.25 + 0.02, 0, 1) * np.pi / 2) ** 1.3
    half = np.where(share > 0.72, 4.1 - 0.5 * (share - 0.72) / 0.28, half)
    angle = np.linspace(-1, 1, 25)
    radius = 4.3
    points = np.zeros((count, 25, 3))
    points[..., 0] = (place - 21 + share * 26)[:, None]
    bend = angle[None] * half[:, None] / radius
    points[..., 1] = np.sin(bend) * radius
    points[..., 2] = np.cos(bend) * radius - radius + 3.0 - (1 - share[:, None]) ** 2 * 1.6
    top = grid(points, crease=60)
    under = points.copy()
    under[..., 2] -= 0.45
    spine = points[3:37, 12] + np.array([0, 0, 0.02])
    slit = sweep(spine, oblong(0.14, 0.06, 0.02), up=(0, 0, 1))
    hole = disc(0.75, 0, 32)
    feed = sweep(
        smooth([(place - 15, 0, 0.6), (place - 6, 0, 0.9), (place + 3, 0, 0.4)], 40),
        circle(2.3, 20),
        scale=np.linspace(0.25, 1.05, 40),
        crease=60,
    )
    return [
        Part(merge(top, grid(under)), "yellow-gold"),
        Part(slit, "resin-black"),
        Part(moved(hole, place - 5.2, 0, 2.79), "resin-black"),
        Part(moved(ball(0.62, 20), place - 21.0, 0, 1.35), "steel"),
        Part(feed, "resin-black"),
    ]


def barrel(finish: str) -> Piece:
    """Return the grip section and barrel from x = 0 to its end."""
    grip = turned_part([(4.5, 0), (4.75, 0.8), (4.55, 3), (4.9, 12), (5.3, 17)], count=50)
    body = turned_part(
        [(5.5, 17.6), (6.15, 18.5), (6.4, 36), (6.2, 62), (5.4, 84), (4.5, 92), (2.5, 95), (0.01, 95.4)],
        count=90,
    )
    return [Part(grip, finish), Part(body, finish), ring(5.62, 17.0, 0.8), ring(5.05, 89.0, 0.9)]


def cap(finish: str) -> Piece:
    """Return the cap with its bands and clip, mouth at x = 0 and crown at -x."""
    body = turned_part(
        [(5.4, 0), (6.9, 0.02), (7.05, 3), (7.1, 30), (6.7, 50), (5.6, 59), (4.4, 62)], count=80
    )
    crown = turned_part([(4.4, 62), (4.9, 62.3), (4.6, 65), (2.4, 67.6), (0.01, 68)], count=40)
    path = smooth([(59, 0, 5.2), (58.5, 0, 8.6), (52, 0, 9.6), (30, 0, 9.5), (20, 0, 8.2), (18, 0, 8.6)], 90)
    taper = np.concatenate([np.linspace(1.0, 1.25, 70), np.linspace(1.25, 0.75, 20)])
    clip = sweep(
        path, oblong(1.1, 3.1, 0.45), up=(0, 1, 0), scale=np.stack([np.ones(90), taper], 1), crease=50
    )
    tip = moved(ball(1.5, 32), 19.5, 0, 8.5)
    flipped = [Part(body, finish), Part(crown, finish), Part(merge(clip, tip), "yellow-gold")]
    flipped += [ring(7.28, 3.6, 3.4), ring(7.22, 8.2, 0.8), ring(5.1, 61.4, 1.0)]
    return [Part(turned(part.mesh, "z", 180), part.finish) for part in flipped]


def open_pen(finish: str = "resin-black") -> Piece:
    """Return the pen with its nib bare and the cap laid beside it."""
    pen = [*barrel(finish), *nib(0.5)]
    lid = [
        Part(moved(turned(turned(part.mesh, "x", -35), "z", 16), 62, -25, 0.6), part.finish)
        for part in cap(finish)
    ]
    return pen + lid


def closed_pen(finish: str) -> Piece:
    """Return the capped pen."""
    lid = [Part(moved(turned(part.mesh, "x", -28), 17.5), part.finish) for part in cap(finish)]
    return barrel(finish) + lid


def arch(wide: float, tall: float, count: int = 240) -> Array:
    """Return an arched outline standing on y = 0, counter-clockwise."""
    radius = wide / 2
    turn = np.linspace(0, np.pi, 90)
    curve = np.stack([radius * np.cos(turn), tall - radius + radius * np.sin(turn)], 1)
    corner = fillet([(-radius, 20), (-radius, 0), (radius, 0), (radius, 20)], 2.5, steps=10)
    line = np.concatenate([curve, corner, curve[:1]])
    return resample(line, count, closed=True)


def clock() -> Piece:
    """Return the arched desk clock."""
    outline = arch(112, 146)
    body = slab(outline, -26, 24, 3.5, steps=9)
    face = moved(ring_slab(inset(outline, 7), inset(outline, 10.5), 23.4, 26.2, 0.9), z=0)
    bezel = lathe(
        fillet([(49.5, 22), (49.5, 27.5), (47, 30), (43.8, 28.6), (43.2, 25), (43.2, 22)], 0.7), segments=240
    )
    dial = disc(44, 25.2)
    hour = turned(moved(dauphine(25, 2.4, 6), z=26), "z", -304)
    minute = turned(moved(dauphine(37, 2.0, 8), z=26.9), "z", -52)
    pin = moved(lathe(fillet([(2.6, 0), (2.6, 2.4), (1.6, 3), (0.01, 3)], 0.4)[::-1], segments=48), z=25.6)
    front = [
        Part(body, "brass-satin"),
        Part(face, "brass"),
        Part(moved(bezel, 0, 84), "brass"),
        Part(moved(dial, 0, 84), "enamel-dial"),
        Part(moved(merge(hour, minute, pin), 0, 84), "blued"),
    ]
    upright = [Part(moved(standing(part.mesh), z=8), part.finish) for part in front]
    base = moved(block(132, 68, 9, 2.6, 8), z=4.5)
    feet = lathe(fillet([(0.01, -3), (6, -3), (7, 0)], 1.0), segments=48)
    legs = [moved(feet, x * 54, y * 24, 0.5) for x in (-1, 1) for y in (-1, 1)]
    handle = sweep(
        smooth([(-17, 0, 150), (-18, 0, 160), (-11, 0, 169), (11, 0, 169), (18, 0, 160), (17, 0, 150)], 80),
        circle(2.6, 20),
        crease=60,
    )
    return [*upright, Part(base, "brass"), Part(merge(*legs), "brass"), Part(handle, "brass")]
