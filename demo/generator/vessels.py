"""Porcelain by Usurai and flacons by Bayt Nadra: thin walls, thick glass, standing on z = 0."""

import numpy as np

from demo.generator.gems import faceted_column
from demo.generator.mesh import Array, Mesh, Part, Piece, merge, moved, scaled, turned
from demo.generator.shapes import (
    block,
    circle,
    disc,
    fillet,
    inset,
    lathe,
    oblong,
    slab,
    smooth,
    squircle,
    sweep,
)


def wall(outer: Array, thick: float, floor: float) -> Array:
    """Return a vessel's closed section from its outer line (bottom to rim): up outside, over the lip, down inside."""
    ahead = np.gradient(outer, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    inner = outer + normal * thick
    inner = inner[(inner[:, 1] > floor) & (inner[:, 0] > 0.5)]
    lip = outer[-1] + normal[-1] * thick / 2 + np.array([0, thick * 0.42])
    return np.concatenate([outer, [lip], inner[::-1], [(0.01, floor)]])


def rim_line(radius: float, z: float, thick: float) -> Mesh:
    """Return a fine gilded line around a lip."""
    t = np.linspace(0, 2 * np.pi, 20)
    return lathe(
        np.column_stack([radius + thick * np.cos(t), z + thick * 0.8 * np.sin(t)]), segments=200, crease=60
    )


def cup_alone() -> Piece:
    """Return the cup with its handle and gilded rim."""
    line = smooth([(17, 0), (19.5, 1.2), (26, 5), (34.5, 17), (38.6, 34), (40.5, 50), (42.0, 61)], 90)
    line = np.concatenate([[(14.5, 1.4), (15.6, 0.1)], line])
    body = lathe(np.concatenate([[(0.01, 2.0)], wall(line, 1.6, 4.2)]), segments=220, crease=50)
    path = smooth(
        [(38.4, 0, 49), (47, 0, 53.5), (56.5, 0, 50), (58.0, 0, 38), (50.5, 0, 27), (36.8, 0, 22.5)], 90
    )
    grip = np.stack([np.full(90, 1.0), 1.35 - 0.5 * np.sin(np.linspace(0, np.pi, 90))], 1)
    ear = sweep(path, oblong(3.4, 5.2, 1.6, 8), up=(0, 1, 0), scale=grip, crease=60)
    return [Part(body, "porcelain"), Part(ear, "porcelain"), Part(rim_line(41.25, 61.6, 0.85), "kintsugi")]


def cup_and_saucer() -> Piece:
    """Return the cup standing on its saucer."""
    line = smooth([(24, 0), (27, 0.6), (40, 3.2), (56, 7.2), (66, 12.2), (72.5, 18.0)], 90)
    saucer = lathe(np.concatenate([[(0.01, 1.2), (22, 1.2)], wall(line, 2.0, 3.2)]), segments=240, crease=50)
    cup = [Part(moved(turned(part.mesh, "z", -32), z=3.4), part.finish) for part in cup_alone()]
    return [Part(saucer, "porcelain"), Part(rim_line(71.6, 18.7, 0.8), "kintsugi"), *cup]


def vase() -> Piece:
    """Return the tall fluted vase."""
    line = smooth(
        [(30, 0), (35, 1.5), (47, 32), (60, 92), (64.5, 142), (58, 200), (42, 248), (33.5, 272), (34.5, 290)],
        150,
    )
    rng = np.random.default_rng(31)
    depth = 0.75 + 0.25 * rng.random(31)

    def flutes(angle: Array, height: Array) -> Array:
        share = angle / (2 * np.pi) * 31
        which = np.floor(share).astype(int) % 31
        fade = np.clip(height / 36, 0, 1) ** 0.6 * np.clip((286 - height) / 60, 0, 1) ** 0.7
        hollow = np.sin(np.pi * (share % 1)) ** 0.9
        return 1 - 0.068 * depth[which] * hollow * fade

    outer = lathe(np.concatenate([[(0.01, 0.6)], line]), segments=31 * 22, shape=flutes, crease=62)
    inner = lathe(
        np.array([(34.4, 290), (33.6, 291.2), (32.2, 290), (31.4, 272), (39, 250), (40, 230)]), segments=160
    )
    return [Part(merge(outer), "bisque"), Part(inner, "porcelain")]


def bowl_height(radius: Array) -> Array:
    """Return the bowl's inner height at a radius."""
    line = bowl_line()
    inner = wall(line, 3.8, 12.0)[len(line) + 1 :][::-1]
    return np.interp(radius, inner[:, 0], inner[:, 1])


def bowl_line() -> Array:
    """Return the bowl's outer line."""
    return smooth([(29, 8), (33, 8.6), (56, 17), (82, 36), (98, 60), (105, 81)], 90)


def crack(rng: np.random.Generator, start: float, angle: float, reach: float) -> Array:
    """Return one wandering seam on the bowl's inside from its rim inwards."""
    count = 60
    radius = np.linspace(start, reach, count)
    wander = np.cumsum(rng.standard_normal(count)) * 0.028
    turn = angle + wander - wander[0]
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), bowl_height(radius) + 0.15], 1)


def bowl() -> Piece:
    """Return the celadon bowl with its mended seams, inside and out."""
    foot = [(0.01, 6), (24, 6), (25, 0.6), (26, 0), (29, 0), (30, 0.8), (29.6, 8)]
    body = lathe(np.concatenate([foot, wall(bowl_line(), 3.8, 12.0)]), segments=240, crease=50)
    rng = np.random.default_rng(9)
    seams = []
    for angle, reach in ((-1.25, 8.0), (0.62, 14.0), (2.5, 10.0)):
        line = crack(rng, 101.3, angle, reach)
        seams.append(line)
        turn = np.arctan2(line[:, 1], line[:, 0])
        below = bowl_line()
        radius = np.linspace(105, 44, 60)
        height = np.interp(radius, below[:, 0], below[:, 1])
        outside = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], 1)
        seams.append(outside)
        lip = np.stack([line[0], (line[0] + outside[0]) / 2 + [0, 0, 1.9], outside[0]])
        seams.append(smooth(lip, 20))
    fork = seams[0][22]
    branch = np.linspace(fork[:2], [62, -6], 40)
    branch = branch + np.cumsum(rng.standard_normal((40, 2)), axis=0) * 0.45
    height = bowl_height(np.hypot(branch[:, 0], branch[:, 1])) + 0.15
    seams.append(np.column_stack([branch, height]))
    gold = []
    for line in seams:
        wide = 0.95 + 0.35 * rng.standard_normal(len(line)).cumsum() / np.sqrt(len(line))
        gold.append(
            sweep(
                smooth(line, len(line)), circle(1.15, 12) * [1, 0.6], scale=np.clip(wide, 0.6, 1.5), crease=60
            )
        )
    return [Part(body, "celadon"), Part(merge(*gold), "kintsugi")]


def candle() -> Piece:
    """Return the candle in its cup with the lid leaning against it."""
    line = smooth([(30, 0), (34, 0.8), (38.5, 6), (39.5, 40), (39.5, 84)], 80)
    cup = lathe(np.concatenate([[(0.01, 1.5), (27, 1.5)], wall(line, 2.2, 4)]), segments=200, crease=50)
    wax = lathe(
        np.array([(37.2, 70.2), (35.5, 68.6), (10, 68), (2.0, 68.6), (0.01, 69)]), segments=128, crease=60
    )
    wick = sweep(smooth([(0, 0, 67), (0.2, 0, 73), (1.6, 0.4, 79)], 24), circle(1.0, 12), crease=60)
    knob = fillet([(0.01, 19), (7, 19), (8, 16), (5, 11), (5, 7)], 2.0)
    lid = lathe(
        np.concatenate([knob, fillet([(36, 6.4), (40, 5.4), (40.4, 2.2), (37, 2), (36, 0), (0.01, 0)], 1.0)]),
        segments=200,
        crease=50,
    )
    leaning = moved(turned(turned(lid, "x", 68), "z", -24), 62, -16, 37.5)
    return [
        Part(cup, "porcelain"),
        Part(wax, "wax"),
        Part(wick, "wick"),
        Part(leaning, "porcelain"),
        Part(rim_line(38.4, 84.6, 0.75), "kintsugi"),
    ]


def cap(radius: float, tall: float, z: float, metal: str) -> Piece:
    """Return a plain turned cap with a fine groove."""
    line = [
        (0.01, 0),
        (radius, 0),
        (radius, tall * 0.16),
        (radius - 0.7, tall * 0.17),
        (radius - 0.7, tall * 0.21),
        (radius, tall * 0.22),
        (radius, tall),
        (0.01, tall),
    ]
    return [Part(moved(lathe(fillet(line, 0.8)[::-1], segments=160), z=z), metal)]


def layl() -> Piece:
    """Return the rectangular flacon: thick glass around an amber heart, with a square gilded cap."""
    glass = moved(block(62, 34, 92, 3.2, 8), z=46)
    amber = moved(block(47, 20, 60, 5.0, 10), z=52)
    collar = moved(lathe(fillet([(0.01, 0), (10.5, 0), (10.5, 7), (0.01, 7)], 0.8)[::-1], segments=128), z=92)
    top = moved(block(29, 29, 33, 1.6, 8), z=92 + 7 + 17)
    plate = moved(slab(oblong(20, 9, 0.6), 0, 0.5, 0.2), 0, 0, 0)
    label = moved(turned(plate, "x", 90), 0, -17.1, 30)
    return [
        Part(glass, "glass"),
        Part(amber, "amber-heart"),
        Part(collar, "yellow-gold"),
        Part(top, "yellow-gold-satin"),
        Part(label, "yellow-gold-satin"),
    ]


def sadaf() -> Piece:
    """Return the round flacon flattened on its faces, with a porcelain stopper."""
    outline = squircle(86, 86, 2.0, 240)
    glass = slab(outline, -17, 17, 13, steps=12)
    heart = slab(inset(outline, 8.5), -9.5, 9.5, 8, steps=10)
    neck = moved(lathe(fillet([(0.01, 0), (11, 0), (11, 9), (0.01, 9)], 1)[::-1], segments=96), z=83)
    stopper = lathe(
        smooth([(7.5, 0), (8.5, 3), (13.5, 8), (17.2, 17), (14.5, 27), (6, 32.5), (0.01, 33.4)], 70)[::-1],
        segments=128,
        crease=60,
    )
    foot = moved(block(40, 22, 6, 1.4, 6), z=3)
    return [
        Part(moved(turned(glass, "x", 90), z=43 + 3.5), "glass"),
        Part(moved(turned(heart, "x", 90), z=43 + 3.5), "rose-heart"),
        Part(moved(neck, z=4), "yellow-gold"),
        Part(moved(stopper, z=96), "porcelain"),
        Part(foot, "yellow-gold-satin"),
    ]


def attar() -> Piece:
    """Return the eight-sided attar bottle with its tall stopper."""
    body = faceted_column(8, 22, 56, 6)
    heart = moved(scaled(faceted_column(8, 14, 36, 4), 1), z=8)
    line = smooth(
        [(7, 0), (10.5, 1.5), (11.0, 5), (6.0, 9), (4.6, 20), (7.2, 34), (4.2, 50), (1.2, 62), (0.01, 66)],
        110,
    )
    stopper = moved(lathe(line[::-1], segments=128, crease=50), z=55.5)
    collar = moved(disc(9, 0), z=56.2)
    return [
        Part(body, "green-glass"),
        Part(heart, "green-heart"),
        Part(stopper, "yellow-gold"),
        Part(collar, "yellow-gold"),
    ]
