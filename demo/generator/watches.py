"""Watches: cases, dials, hands, straps and bracelets. Dial up towards +z, twelve towards +y."""

from dataclasses import dataclass

import numpy as np

from demo.generator.gems import brilliant, hull
from demo.generator.mesh import Array, Mesh, Part, Piece, merge, moved, scaled, turned
from demo.generator.shapes import (
    block,
    disc,
    dome_cap,
    fillet,
    inset,
    lathe,
    oblong,
    ring_slab,
    slab,
    smooth,
    squircle,
    stitches,
    sweep,
)


@dataclass(frozen=True)
class Watch:
    """What makes one watch different from another."""

    metal: str
    dial: str
    hands: str
    radius: float = 19.0
    strap: str = ""
    thread: str = ""
    indices: int = 12
    small_seconds: bool = False
    stones: bool = False
    cushion: bool = False


LOOP_WIDE, LOOP_TALL = 29.0, 25.0


def loop(start: float, count: int) -> tuple[Array, Array]:
    """Return points and outward normals of the strap's loop around the wrist, leaving at ``start`` from 12."""
    first = np.arcsin(start / LOOP_WIDE)
    angle = np.linspace(first, 2 * np.pi - first, count)
    points = np.stack([0 * angle, LOOP_WIDE * np.sin(angle), LOOP_TALL * (np.cos(angle) - 1) + 4.6], 1)
    normal = np.stack([0 * angle, np.sin(angle) / LOOP_WIDE, np.cos(angle) / LOOP_TALL], 1)
    return points, normal / np.linalg.norm(normal, axis=1, keepdims=True)


def strap(watch: Watch, wide: float, start: float) -> Piece:
    """Return a padded leather strap with its stitching and a pin buckle."""
    points, normal = loop(start, 220)
    share = np.abs(np.linspace(-1, 1, 220))
    width = 0.80 + 0.20 * share**1.5
    thick = 0.72 + 0.55 * share**6
    section = oblong(2.6, wide, 0.95, steps=6)
    body = sweep(points, section, up=(1, 0, 0), scale=np.stack([thick, width], 1), crease=50)
    lines = []
    for side in (-1, 1):
        edge = points + normal * (1.3 * thick + 0.02)[:, None]
        edge[:, 0] = side * (wide / 2 * width - 1.7)
        lines += [stitches(edge[5:92], 2.1, 0.9, 0.24), stitches(edge[128:215], 2.1, 0.9, 0.24)]
    frame = ring_slab(oblong(wide * 0.98, 13, 2.4), oblong(wide * 0.98 - 4.2, 8.8, 1.4), -1.0, 1.0, 0.7)
    buckle = moved(frame, 0, 0, float(points[:, 2].min()) - 1.4)
    return [Part(body, watch.strap), Part(merge(*lines), watch.thread), Part(buckle, watch.metal)]


def bracelet(start: float, wide: float) -> Piece:
    """Return a three-row steel bracelet along the loop."""
    count = 38
    points, normal = loop(start + 1.2, count)
    outer, inner = [], []
    for index, (point, out) in enumerate(zip(points, normal, strict=True)):
        share = abs(index / (count - 1) * 2 - 1)
        width = wide * (0.80 + 0.20 * share)
        tilt = np.degrees(np.arctan2(-out[1], out[2]))
        side = width * 0.255
        for sign in (-1, 1):
            link = turned(block(side, 3.75, 3.0, 0.55, 3), "x", tilt)
            outer.append(moved(link, sign * (width - side) / 2, point[1], point[2]))
        if index + 1 < count:
            between = (point + points[index + 1]) / 2 + out * 0.12
            link = turned(block(width * 0.47, 3.6, 2.9, 0.75, 3), "x", tilt)
            inner.append(moved(link, 0, between[1], between[2]))
    return [Part(merge(*outer), "steel-satin"), Part(merge(*inner), "steel")]


def lugs(watch: Watch, gap: float) -> Mesh:
    """Return the four lugs, bent down towards the wrist."""
    r = watch.radius
    path = smooth([(0, r * 0.72, 0.6), (0, r * 0.96, 0.4), (0, r * 1.11, -1.6), (0, r * 1.18, -4.8)], 40)
    taper = np.linspace(1.15, 0.62, 40)
    one = sweep(path, oblong(3.4, 2.9, 0.7), up=(1, 0, 0), scale=taper, crease=45)
    side = gap / 2 + 1.5
    pair = merge(moved(one, side), moved(scaled(one, -1, 1, 1), -side))
    return merge(pair, turned(pair, "z", 180))


def crown(watch: Watch, reach: float) -> Mesh:
    """Return the fluted winding crown at three o'clock."""
    profile = fillet([(0.01, 0), (2.6, 0), (2.9, 0.5), (2.9, 2.4), (2.5, 3.1), (0.01, 3.3)], 0.3)

    def flutes(angle: Array, height: Array) -> Array:
        return 1 + 0.035 * np.cos(angle * 26) * ((height > 0.3) & (height < 2.7))

    body = lathe(profile[::-1], segments=260, shape=flutes, crease=25)
    return moved(turned(body, "y", 90), reach - 0.3, 0, -0.4)


def round_case(watch: Watch) -> Piece:
    """Return middle and bezel of a round case; the crystal is coated and so not seen."""
    r = watch.radius
    middle = fillet(
        [
            (0.01, -4.4),
            (r * 0.8, -4.4),
            (r * 0.95, -3.4),
            (r, -2.4),
            (r, 1.3),
            (r * 0.975, 2.0),
            (r * 0.9, 2.1),
        ],
        0.5,
    )
    top, rim = (3.5, 0.93) if not watch.stones else (2.5, 0.97)
    bezel = [
        (r * 0.93, 1.9),
        (r * rim, 2.5),
        (r * (rim - 0.02), top * 0.9),
        (r * 0.885, top),
        (r * 0.855, top - 0.2),
    ]
    if watch.stones:
        bezel = [(r * 0.97, 1.9), (r * 0.97, 3.3), (r * 0.955, 3.3), (r * 0.95, 2.4), (r * 0.865, 2.4)]
        bezel += [(r * 0.86, 3.5), (r * 0.84, 3.5)]
    flange = [(r * 0.838, 1.6)]
    parts = [
        Part(lathe(middle[::-1], segments=220), watch.metal),
        Part(lathe(fillet([*bezel, *flange], 0.16)[::-1], segments=220), watch.metal),
    ]
    if watch.stones:
        parts.append(Part(bezel_stones(r * 0.908), "diamond"))
    return parts


def bezel_stones(radius: float) -> Mesh:
    """Return sixty brilliants around the bezel."""
    stone = brilliant(1.72)
    spread = [
        turned(moved(turned(stone, "z", 11 * index), 0, radius, 3.15), "z", 6 * index) for index in range(60)
    ]
    return merge(*spread)


def cushion_case(watch: Watch) -> Piece:
    """Return middle and bezel of a cushion case."""
    size = watch.radius * 1.74
    outline = squircle(size, size, 3.6, 220)
    frame, opening = inset(outline, 0.9), inset(outline, 3.6)
    return [
        Part(slab(outline, -4.2, 1.5, 1.2, steps=9), watch.metal),
        Part(ring_slab(frame, opening, 1.2, 3.4, 0.9, steps=7), watch.metal),
    ]


def dial_plate(watch: Watch) -> Piece:
    """Return the dial, sunk for the small seconds where there is one."""
    if watch.cushion:
        outline = inset(squircle(watch.radius * 1.74, watch.radius * 1.74, 3.6, 220), 3.2)
        plate = dome_cap(np.column_stack([outline, np.full(len(outline), 1.75)]), 0.01)
        return [Part(plate, watch.dial)]
    parts = [Part(disc(watch.radius * 0.86, 1.7), watch.dial)]
    if watch.small_seconds:
        sunk = lathe([(3.62, 1.78), (3.74, 1.8), (3.86, 1.72)], segments=96)
        parts.append(Part(moved(sunk, 0, -watch.radius * 0.86 * 476 / 1024), watch.hands))
    return parts


def markers(watch: Watch) -> Mesh:
    """Return the applied hour markers."""
    reach = watch.radius * (0.685 if not watch.cushion else 0.52)
    lines = []
    for index in range(12):
        if watch.indices == 4 and index % 3:
            continue
        if watch.small_seconds and index == 6:
            continue
        tall = watch.radius * (0.16 if not watch.small_seconds or index not in (5, 7) else 0.12)
        offsets = (-0.55, 0.55) if index == 0 and watch.indices == 12 else (0.0,)
        for offset in offsets:
            baton = moved(block(0.72, tall, 0.62, 0.16, 3), offset, reach, 1.95)
            lines.append(turned(baton, "z", -30 * index))
    return merge(*lines)


def dauphine(length: float, width: float, tail: float) -> Mesh:
    """Return a faceted hand pointing to twelve."""
    points = [(0, length, 0), (width, length * 0.12, 0), (-width, length * 0.12, 0), (0, -tail, 0)]
    ridge = [(0, length * 0.99, 0.1), (0, -tail * 0.9, 0.1), (0, length * 0.12, 0.34)]
    return hull(np.array(points + ridge))


def hands(watch: Watch) -> Mesh:
    """Return hour and minute hands at ten past ten, with the small seconds where there are any."""
    r = watch.radius * (0.86 if not watch.cushion else 0.70)
    hour = turned(moved(dauphine(r * 0.58, r * 0.062, r * 0.12), z=2.25), "z", -304)
    minute = turned(moved(dauphine(r * 0.87, r * 0.05, r * 0.14), z=2.65), "z", -52)
    cap = lathe(fillet([(0.95, 2.0), (0.95, 3.0), (0.6, 3.2), (0.01, 3.2)], 0.15)[::-1], segments=48)
    parts = [hour, minute, cap]
    if watch.small_seconds:
        needle = hull(np.array([(0.0, 3.3, 0), (0.13, 0, 0), (-0.13, 0, 0), (0, -1.1, 0), (0, 0, 0.15)]))
        place = -watch.radius * 0.86 * 476 / 1024
        pin = lathe([(0.35, 1.8), (0.35, 2.25), (0.01, 2.3)][::-1], segments=32)
        parts += [moved(turned(needle, "z", 130), 0, place, 2.05), moved(pin, 0, place)]
    elif watch.indices == 12:
        needle = hull(
            np.array([(0.0, r * 0.9, 0), (0.11, 0, 0), (-0.11, 0, 0), (0, -r * 0.22, 0), (0, 0, 0.1)])
        )
        parts.append(turned(moved(needle, z=3.02), "z", -205))
    return merge(*parts)


def watch_piece(watch: Watch) -> Piece:
    """Return a whole watch, closed as on a wrist."""
    gap = watch.radius * (1.04 if not watch.cushion else 0.98)
    reach = watch.radius * (1.0 if not watch.cushion else 0.87)
    case = cushion_case(watch) if watch.cushion else round_case(watch)
    start = watch.radius * 0.93
    band = strap(watch, gap - 0.5, start) if watch.strap else bracelet(start, gap - 0.4)
    return [
        *case,
        Part(lugs(watch, gap), watch.metal),
        Part(crown(watch, reach), watch.metal),
        *dial_plate(watch),
        Part(markers(watch), watch.hands),
        Part(hands(watch), watch.hands if not watch.stones else "blued"),
        *band,
    ]
