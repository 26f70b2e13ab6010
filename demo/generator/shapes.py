"""Parametric solids: turned, swept, extruded and rounded, always with an edge that catches the light."""

from collections.abc import Callable

import numpy as np

from demo.generator.mesh import Array, Mesh, fan, grid, merge, moved, turned


def fillet(
    points: Array | list[tuple[float, float]], radius: float, *, closed: bool = False, steps: int = 6
) -> Array:
    """Round the corners of a 2D polyline, never by more than fits between two corners."""
    source = np.asarray(points, float)
    result: list[Array] = [] if closed else [source[:1]]
    count = len(source)
    for index in range(count) if closed else range(1, count - 1):
        before, corner, after = source[index - 1], source[index], source[(index + 1) % count]
        into, out = before - corner, after - corner
        long_in, long_out = np.linalg.norm(into), np.linalg.norm(out)
        into, out = into / max(long_in, 1e-9), out / max(long_out, 1e-9)
        half = np.arccos(np.clip(into @ out, -1, 1)) / 2
        reach = min(radius / max(np.tan(half), 1e-6), long_in * 0.48, long_out * 0.48)
        start, end = corner + into * reach, corner + out * reach
        t = np.linspace(0, 1, steps)[:, None]
        result.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    if not closed:
        result.append(source[-1:])
    return np.concatenate(result)


def smooth(points: list[tuple[float, ...]] | Array, count: int, *, closed: bool = False) -> Array:
    """Return a Catmull-Rom curve through the points, evenly resampled by length."""
    source = np.asarray(points, float)
    if closed:
        padded = np.concatenate([source[-1:], source, source[:2]])
    else:
        padded = np.concatenate([2 * source[:1] - source[1:2], source, 2 * source[-1:] - source[-2:-1]])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    spans = []
    for p0, p1, p2, p3 in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        cubic = 3 * p1 - p0 - 3 * p2 + p3
        spans.append(0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + cubic * t**3))
    curve = np.concatenate([*spans, source[:1] if closed else source[-1:]])
    return resample(curve, count, closed=closed)


def resample(curve: Array, count: int, *, closed: bool = False) -> Array:
    """Return points evenly spaced by length; a closed curve does not repeat its first point."""
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    wanted = np.linspace(0, travelled[-1], count, endpoint=not closed)
    return np.stack([np.interp(wanted, travelled, curve[:, axis]) for axis in range(curve.shape[1])], 1)


def lathe(
    profile: Array | list[tuple[float, float]],
    *,
    segments: int = 160,
    crease: float = 30.0,
    shape: Callable[[Array, Array], Array] | None = None,
) -> Mesh:
    """Turn a (radius, z) profile about z, outside on the right of its direction; ``shape`` may scale radii."""
    line = np.asarray(profile, float)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    radius = np.repeat(line[None, :, 0], segments, axis=0)
    height = np.repeat(line[None, :, 1], segments, axis=0)
    if shape is not None:
        radius = radius * shape(angle[:, None], height)
    points = np.stack([radius * np.cos(angle)[:, None], radius * np.sin(angle)[:, None], height], axis=2)
    return grid(points, close_u=True, crease=crease)


def disc(radius: float, z: float = 0.0, segments: int = 128) -> Mesh:
    """Return a flat disc facing up, textured from edge to edge."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    loop = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(segments, z)], 1)
    return fan(loop)


def frames(path: Array, *, closed: bool, up: Array | None) -> tuple[Array, Array]:
    """Return the side and up vectors along a path, by a fixed up vector or by parallel transport."""
    ahead = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    if not closed:
        ahead[0], ahead[-1] = path[1] - path[0], path[-1] - path[-2]
    tangent = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    if up is not None:
        side = np.cross(tangent, np.broadcast_to(up, tangent.shape))
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        return side, np.cross(side, tangent)
    lead = np.eye(3)[np.abs(tangent[0]).argmin()]
    sides = []
    for direction in tangent:
        lead = lead - (lead @ direction) * direction
        lead /= np.linalg.norm(lead)
        sides.append(lead)
    side = np.array(sides)
    return side, np.cross(side, tangent)


def sweep(
    path: Array,
    section: Array,
    *,
    closed: bool = False,
    up: tuple[float, float, float] | None = None,
    scale: Array | None = None,
    twist: Array | None = None,
    crease: float = 40.0,
) -> Mesh:
    """Carry a closed 2D section (x to the side, y up) along a 3D path; open ends are capped."""
    side, above = frames(path, closed=closed, up=None if up is None else np.array(up, float))
    shape = np.repeat(section[None], len(path), axis=0)
    if scale is not None:
        shape = shape * (scale[:, None, :] if scale.ndim == 2 else scale[:, None, None])
    if twist is not None:
        cosine, sine = np.cos(twist)[:, None], np.sin(twist)[:, None]
        x, y = shape[..., 0], shape[..., 1]
        shape = np.stack([x * cosine - y * sine, x * sine + y * cosine], 2)
    points = path[:, None] + shape[..., :1] * side[:, None] + shape[..., 1:] * above[:, None]
    body = grid(points, close_u=closed, close_v=True, crease=crease)
    if closed:
        return body
    return merge(body, fan(points[0], up=True), fan(points[-1], up=False))


def circle(radius: float, count: int = 20) -> Array:
    """Return a circular section."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], 1) * radius


def oblong(width: float, height: float, radius: float, steps: int = 5) -> Array:
    """Return a rounded rectangular section about the origin."""
    x, y = width / 2, height / 2
    return fillet([(x, -y), (x, y), (-x, y), (-x, -y)], radius, closed=True, steps=steps)


def squircle(width: float, height: float, power: float = 4.0, count: int = 160) -> Array:
    """Return a superellipse outline."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    x = np.sign(cosine) * np.abs(cosine) ** (2 / power) * width / 2
    y = np.sign(sine) * np.abs(sine) ** (2 / power) * height / 2
    return resample(np.concatenate([np.stack([x, y], 1), [[x[0], y[0]]]]), count, closed=True)


def inset(outline: Array, amount: float) -> Array:
    """Move a counter-clockwise outline inwards along its normals."""
    ahead = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    normal = np.stack([ahead[:, 1], -ahead[:, 0]], 1)
    return outline - normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9) * amount


def slab(outline: Array, low: float, high: float, bevel: float, *, steps: int = 5, dome: float = 0.0) -> Mesh:
    """Extrude a counter-clockwise outline between two heights with round edges; ``dome`` lifts the top's middle."""
    turn = np.linspace(0, np.pi / 2, steps)
    rings = [(bevel * (1 - np.sin(t)), low + bevel * (1 - np.cos(t))) for t in turn]
    rings += [(bevel * (1 - np.cos(t)), high - bevel * (1 - np.sin(t))) for t in turn]
    layers = [np.column_stack([inset(outline, depth), np.full(len(outline), z)]) for depth, z in rings]
    body = grid(np.stack(layers, axis=1), close_u=True)
    top = dome_cap(layers[-1], dome) if dome else fan(layers[-1])
    return merge(body, top, fan(layers[0], up=False))


def dome_cap(loop: Array, height: float, rings: int = 24) -> Mesh:
    """Close a loop with a gently raised surface."""
    middle = loop.mean(axis=0)
    t = np.linspace(0, 1, rings)[:, None, None]
    points = loop[None] * (1 - t) + middle * t
    points[..., 2] += height * (1 - (1 - t[..., 0]) ** 2)
    return grid(points.transpose(1, 0, 2), close_u=True)


def ring_slab(outer: Array, inner: Array, low: float, high: float, bevel: float, steps: int = 4) -> Mesh:
    """Extrude the band between two outlines of equal count, with round edges on both sides."""
    turn = np.linspace(0, np.pi / 2, steps)
    loops = [(outer, bevel * (1 - np.cos(t)), high - bevel * (1 - np.sin(t))) for t in turn]
    loops += [(inner, -bevel * (1 - np.sin(t)), high - bevel * (1 - np.cos(t))) for t in turn]
    loops += [(inner, -bevel * (1 - np.cos(t)), low + bevel * (1 - np.sin(t))) for t in turn]
    loops += [(outer, bevel * (1 - np.sin(t)), low + bevel * (1 - np.cos(t))) for t in turn]
    layers = [np.column_stack([inset(line, depth), np.full(len(line), z)]) for line, depth, z in loops]
    return grid(np.stack(layers, axis=1), close_u=True, close_v=True)


def block(width: float, depth: float, height: float, radius: float, count: int = 14) -> Mesh:
    """Return a box with round edges about the origin."""
    half = np.array([width, depth, height]) / 2
    edge = np.linspace(0, 1, 7)
    meshes = []
    for axis in range(3):
        first, second = [(1, 2), (2, 0), (0, 1)][axis]
        lines = []
        for other in (first, second):
            start = -half[other] + radius * edge
            middle = np.linspace(-half[other] + radius, half[other] - radius, count)[1:-1]
            lines.append(np.concatenate([start, middle, -start[::-1]]))
        for sign in (1.0, -1.0):
            points = np.zeros((len(lines[0]), len(lines[1]), 3))
            points[..., axis] = sign * half[axis]
            points[..., first], points[..., second] = np.meshgrid(*lines, indexing="ij")
            face = grid(points)
            meshes.append(face if sign > 0 else Mesh(face.vertices, face.faces[:, ::-1], face.uv))
    box = merge(*meshes)
    core = np.clip(box.vertices, -half + radius, half - radius)
    away = box.vertices - core
    length = np.linalg.norm(away, axis=1, keepdims=True)
    rounded = core + away / np.maximum(length, 1e-9) * np.minimum(radius, np.where(length > 1e-9, radius, 0))
    return Mesh(rounded, box.faces, box.uv, 50.0)


def ball(radius: float, segments: int = 64) -> Mesh:
    """Return a sphere about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2)
    return lathe(np.stack([np.cos(angle), np.sin(angle)], 1) * radius, segments=segments, crease=60)


def rod(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Mesh:
    """Return a thin rod with round ends between two points."""
    a, b = np.array(start, float), np.array(end, float)
    along = (b - a) / np.linalg.norm(b - a)
    turn = np.linspace(0, np.pi / 2, 5)
    reach = np.concatenate([-np.cos(turn) * radius, np.linalg.norm(b - a) + np.sin(turn) * radius])
    thick = np.concatenate([np.sin(turn), np.cos(turn)])
    thick = np.maximum(thick, 0.02)
    return sweep(a + along * reach[:, None], circle(radius, 10), scale=thick, crease=60)


def stitches(path: Array, length: float, gap: float, radius: float) -> Mesh:
    """Lay saddle stitches along a path."""
    total = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    count = max(2, int(total / (length + gap)))
    points = resample(path, count * 8 + 1)
    share = length / (length + gap)
    lines = []
    for index in range(count):
        start, reach = points[index * 8], points[(index + 1) * 8] - points[index * 8]
        lines.append(rod(tuple(start), tuple(start + reach * share), radius))
    return merge(*lines)


def standing(mesh: Mesh) -> Mesh:
    """Turn a shape drawn in the xy plane upright, so that its y is up and its z faces the camera at -y."""
    return turned(mesh, "x", 90)


def lying(mesh: Mesh, x: float = 0, y: float = 0, z: float = 0) -> Mesh:
    """Turn a shape made about z so that it lies along x, then move it."""
    return moved(turned(mesh, "y", 90), x, y, z)
