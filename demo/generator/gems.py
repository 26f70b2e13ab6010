"""Cut stones as convex hulls of their facet corners; widths in millimetres, table up, girdle at z = 0."""

import manifold3d
import numpy as np

from demo.generator.mesh import Array, Mesh


def hull(points: Array) -> Mesh:
    """Return the convex hull of some points with every facet flat."""
    solid = manifold3d.Manifold.hull_points(np.ascontiguousarray(points)).to_mesh()
    vertices = np.asarray(solid.vert_properties, float)[:, :3]
    corners = vertices[np.asarray(solid.tri_verts, int)].reshape(-1, 3)
    faces = np.arange(len(corners)).reshape(-1, 3)
    return Mesh(corners, faces, corners[:, :2], 4.0)


def ring_of(count: int, radius: float, z: float, turn: float = 0.0) -> Array:
    """Return points around a circle; ``turn`` is a share of one step."""
    angle = (np.arange(count) + turn) * 2 * np.pi / count
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(count, z)], 1)


def brilliant(width: float) -> Mesh:
    """Return a round brilliant with table, stars, kites, girdle and pavilion mains."""
    r = width / 2
    return hull(
        np.concatenate(
            [
                ring_of(8, 0.56 * r, 0.325 * r, 0.5),
                ring_of(8, 0.79 * r, 0.205 * r),
                ring_of(32, r, 0.025 * r),
                ring_of(32, r, -0.025 * r),
                ring_of(16, 0.45 * r, -0.50 * r, 0.0),
                ring_of(8, 0.02 * r, -0.86 * r),
            ]
        )
    )


def step_cut(width: float, length: float, *, taper: float = 1.0, corner: float = 0.16) -> Mesh:
    """Return an emerald or baguette cut; ``taper`` narrows one end."""
    layers = []
    levels = (
        (0.62, 0.30),
        (0.80, 0.21),
        (0.94, 0.09),
        (1.0, 0.0),
        (1.0, -0.04),
        (0.84, -0.26),
        (0.56, -0.48),
        (0.16, -0.66),
    )
    for share, z in levels:
        x, y = width / 2, length / 2
        shrink = (1 - share) * x
        x, y = x - shrink, max(y - shrink, 0.02)
        cut = corner * width * share
        ring = [(x, -y + cut), (x, y - cut), (x - cut, y), (-x + cut, y)]
        ring += [(-x, y - cut), (-x, -y + cut), (-x + cut, -y), (x - cut, -y)]
        points = np.array(ring)
        points[:, 0] *= 1 - (1 - taper) * (points[:, 1] / length + 0.5)
        layers.append(np.column_stack([points, np.full(8, z * width)]))
    return hull(np.concatenate(layers))


def pear(width: float, length: float) -> Mesh:
    """Return a pear-shaped brilliant with its point towards +y."""
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    x = np.cos(angle) * (1 - 0.42 * np.clip(np.sin(angle), 0, 1) ** 1.2)
    outline = np.stack([x * width / 2, np.sin(angle) * length / 2], 1)
    layers = []
    for share, z, step in (
        (0.58, 0.17, 4),
        (0.80, 0.11, 2),
        (1, 0.015, 1),
        (1, -0.015, 1),
        (0.5, -0.24, 2),
        (0.03, -0.42, 4),
    ):
        ring = outline[::step] * share
        layers.append(np.column_stack([ring, np.full(len(ring), z * width)]))
    return hull(np.concatenate(layers))


def faceted_column(sides: int, radius: float, height: float, bevel: float) -> Mesh:
    """Return a cut-glass prism standing on z = 0 with bevelled shoulders."""
    return hull(
        np.concatenate(
            [
                ring_of(sides, radius - bevel, 0, 0.5),
                ring_of(sides, radius, bevel, 0.5),
                ring_of(sides, radius, height - 2 * bevel, 0.5),
                ring_of(sides, radius * 0.52, height, 0.5),
            ]
        )
    )
