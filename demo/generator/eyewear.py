"""Eyewear by Oltremira, resting on its folded-out temples; the front faces -y."""

from dataclasses import replace

import numpy as np

from demo.generator.mesh import Array, Mesh, Part, Piece, merge, moved, scaled, turned
from demo.generator.shapes import (
    block,
    circle,
    dome_cap,
    fillet,
    inset,
    lathe,
    oblong,
    resample,
    ring_slab,
    smooth,
    standing,
    sweep,
)


def wrapped(mesh: Mesh, radius: float = 190.0) -> Mesh:
    """Bend a flat front around a large cylinder, as a face is."""
    points = mesh.vertices.copy()
    angle = points[:, 0] / radius
    reach = radius + points[:, 2]
    points[:, 0] = np.sin(angle) * reach
    points[:, 2] = np.cos(angle) * reach - radius
    return replace(mesh, vertices=points)


def panto(wide: float, tall: float) -> Array:
    """Return the lens outline of a panto: a circle flattened at the brow."""
    points = [
        (0.5, 0.02),
        (0.475, 0.26),
        (0.36, 0.42),
        (0.12, 0.475),
        (-0.14, 0.475),
        (-0.37, 0.43),
        (-0.48, 0.27),
        (-0.49, 0.02),
        (-0.40, -0.27),
        (-0.2, -0.46),
        (0.02, -0.5),
        (0.24, -0.45),
        (0.42, -0.26),
    ]
    return smooth([(x * wide, y * tall) for x, y in points], 200, closed=True)


def cat_eye(wide: float, tall: float) -> Array:
    """Return an upswept lens outline; +x is the outer side."""
    points = [
        (0.52, 0.30),
        (0.44, 0.48),
        (0.20, 0.45),
        (-0.12, 0.38),
        (-0.38, 0.32),
        (-0.49, 0.14),
        (-0.45, -0.16),
        (-0.28, -0.40),
        (0.0, -0.48),
        (0.26, -0.38),
        (0.43, -0.10),
    ]
    return smooth([(x * wide, y * tall) for x, y in points], 200, closed=True)


def outset(outline: Array, sides: float, brow: float) -> Array:
    """Grow an outline by the rim's width, more at the brow."""
    middle = outline.mean(axis=0)
    away = outline - middle
    share = np.clip(away[:, 1] / np.abs(away[:, 1]).max(), 0, 1)
    return (
        inset(outline, -1.0)
        + (away / np.linalg.norm(away, axis=1, keepdims=True)) * (sides - 1 + (brow - sides) * share)[:, None]
    )


def temple(reach: float, thick: float, tall: float, finish: str, x: float, y: float) -> Piece:
    """Return the right-hand temple, bent down behind the ear, in the frame's own axes (z towards the wearer's view)."""
    path = smooth(
        [
            (x, y, -1.0),
            (x + 1.2, y, -reach * 0.35),
            (x + 0.6, y - 0.5, -reach * 0.68),
            (x - 1.5, y - 7, -reach * 0.86),
            (x - 4, y - 21, -reach),
        ],
        120,
    )
    share = np.linspace(0, 1, 120)
    scale = np.stack(
        [1.0 - 0.25 * share, 1.15 - 0.35 * np.clip(share * 3, 0, 1) + 0.25 * np.clip(share - 0.7, 0, 1)], 1
    )
    return [
        Part(
            sweep(path, oblong(thick, tall, min(thick, tall) * 0.4), up=(0, 1, 0), scale=scale, crease=50),
            finish,
        )
    ]


def lens(outline: Array, bulge: float) -> Mesh:
    """Return one thin lens."""
    return dome_cap(np.column_stack([outline, np.zeros(len(outline))]), bulge, rings=18)


def upright(parts: Piece, lean: float = 8.0) -> Piece:
    """Stand a front drawn in the xy plane on its temples."""
    return [Part(turned(standing(part.mesh), "x", lean), part.finish) for part in parts]


def acetate(
    outline: Array, bridge: float, finish: str, glass: str, *, brow: float, keyhole: float, arm: float
) -> Piece:
    """Return an acetate frame: rims, bridge, end pieces, temples, rivets and lenses."""
    half = float(np.ptp(outline[:, 0])) / 2 + bridge / 2
    rim = ring_slab(outset(outline, 3.5, brow), inset(outline, -0.1), -2.6, 2.6, 1.3, steps=7)
    right = moved(rim, half)
    left = scaled(right, -1, 1, 1)
    span = bridge / 2 + 3.0
    path = smooth(
        [
            (-span, keyhole - 1.4, 0),
            (-span * 0.5, keyhole + 0.9, 0.6),
            (0, keyhole + 1.5, 0.9),
            (span * 0.5, keyhole + 0.9, 0.6),
            (span, keyhole - 1.4, 0),
        ],
        60,
    )
    nose = sweep(
        path,
        oblong(6.4, 4.4, 1.9, steps=8),
        up=(0, 0, 1),
        scale=1.15 - 0.22 * np.sin(np.linspace(0, np.pi, 60)),
        crease=60,
    )
    edge = half + float(outline[:, 0].max()) + 2.6
    end = moved(block(9.5, 8.4, 5.0, 1.9, 6), edge - 0.6, arm, -0.1)
    ends = merge(end, scaled(end, -1, 1, 1))
    rivet = merge(
        *[
            moved(
                lathe(fillet([(1.0, 0), (1.0, 0.5), (0.01, 0.65)], 0.2)[::-1], segments=32),
                edge - 1.4,
                arm + dy,
                2.35,
            )
            for dy in (1.7, -1.7)
        ]
    )
    glass_right = moved(lens(inset(outline, -0.4), 1.6), half, 0, -0.4)
    flat = [
        Part(wrapped(merge(right, left, nose, ends)), finish),
        Part(wrapped(merge(rivet, scaled(rivet, -1, 1, 1))), "steel"),
        Part(wrapped(merge(glass_right, scaled(glass_right, -1, 1, 1))), glass),
    ]
    depth = 190 - np.sqrt(190**2 - edge**2)
    arms = [
        Part(moved(part.mesh, 0, 0, -depth - 1), part.finish)
        for part in temple(140, 4.0, 6.6, finish, edge * 0.985 + 1.2, arm)
    ]
    arms += [Part(scaled(part.mesh, -1, 1, 1), part.finish) for part in arms]
    return upright(flat + arms)


def riva() -> Piece:
    """Return the tortoise panto."""
    return acetate(panto(47, 44), 22, "tortoise", "lens-brown", brow=4.4, keyhole=6.5, arm=12)


def scala() -> Piece:
    """Return the black upswept frame."""
    return acetate(cat_eye(54, 43), 18, "acetate-black", "lens-grey", brow=7.0, keyhole=8.5, arm=14.5)


def lido() -> Piece:
    """Return the round titanium frame: wire, bridge, pads and lenses."""
    outline = resample(np.concatenate([c := circle(24.5, 200), c[:1]]), 200, closed=True)
    half = 24.5 + 10.5
    wire = np.column_stack([outline, np.zeros(200)])
    rim = moved(sweep(wire, oblong(1.5, 2.0, 0.5), closed=True, up=(0, 0, 1), crease=50), half)
    path = smooth([(-11.5, 6.5, 0), (-7, 10.4, 0.8), (0, 11.6, 1.2), (7, 10.4, 0.8), (11.5, 6.5, 0)], 60)
    bridge = sweep(path, circle(0.95, 14), crease=60)
    edge = half + 24.2
    lug = sweep(
        smooth(
            [(edge, 9.5, 0), (edge + 3.2, 10.2, -0.6), (edge + 4.6, 10.2, -3.6), (edge + 4.8, 10.2, -8)], 40
        ),
        circle(0.95, 12),
        crease=60,
    )
    pads, arms = [], []
    for side in (-1, 1):
        pad = scaled(
            lathe(fillet([(0.01, -0.6), (2.6, -0.6), (2.6, 0.6), (0.01, 0.6)], 0.5)[::-1], segments=40),
            1,
            1.9,
            1,
        )
        pads.append(moved(turned(turned(pad, "y", side * 52), "z", side * -12), side * 7.8, -6.4, -6.2))
        stem = smooth([(side * 11.2, -3.0, -0.4), (side * 11.0, -5.0, -4.8), (side * 8.6, -6.3, -5.9)], 30)
        arms.append(sweep(stem, circle(0.45, 10), crease=60))
    flat = [
        Part(
            wrapped(merge(rim, scaled(rim, -1, 1, 1), bridge, lug, scaled(lug, -1, 1, 1), *arms)),
            "gilt-titanium",
        ),
        Part(merge(*pads), "silicone"),
        Part(
            wrapped(merge(glass := moved(lens(outline * 0.985, 1.4), half), scaled(glass, -1, 1, 1))),
            "lens-green",
        ),
    ]
    depth = 190 - np.sqrt(190**2 - edge**2)
    side = [
        Part(moved(part.mesh, 0, 0, -depth - 5), part.finish)
        for part in temple(140, 1.5, 1.9, "gilt-titanium", edge + 3.4, 10.2)
    ]
    tip = sweep(
        smooth(
            [
                (edge + 1.8, 2.6, -depth - 125),
                (edge - 0.4, -8.5, -depth - 140),
                (edge - 1.1, -12.6, -depth - 145.5),
            ],
            40,
        ),
        oblong(2.6, 3.8, 1.2),
        up=(0, 1, 0),
        crease=60,
    )
    side.append(Part(tip, "tortoise"))
    side += [Part(scaled(part.mesh, -1, 1, 1), part.finish) for part in side]
    return upright(flat + side)
