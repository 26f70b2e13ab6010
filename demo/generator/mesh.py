"""Triangle meshes in millimetres, z up, and the few operations that every piece needs."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Vertices, triangles and texture coordinates; ``crease`` is the angle above which an edge stays sharp."""

    vertices: Array
    faces: Faces
    uv: Array
    crease: float = 40.0


@dataclass(frozen=True)
class Part:
    """One mesh in one finish."""

    mesh: Mesh
    finish: str


Piece = list[Part]


def grid(points: Array, *, close_u: bool = False, close_v: bool = False, crease: float = 40.0) -> Mesh:
    """Turn a (rows, columns, 3) lattice of points into a mesh, joining its ends where asked."""
    if close_u:
        points = np.concatenate([points, points[:1]], axis=0)
    if close_v:
        points = np.concatenate([points, points[:, :1]], axis=1)
    rows, columns = points.shape[:2]
    u, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1].ravel(), index[1:, :-1].ravel()
    c, d = index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return Mesh(points.reshape(-1, 3), faces, np.stack([v.ravel(), u.ravel()], 1), crease)


def fan(loop: Array, *, up: bool = True) -> Mesh:
    """Close a star-shaped loop with triangles around its middle."""
    count = len(loop)
    vertices = np.concatenate([loop, loop.mean(axis=0, keepdims=True)])
    around = np.arange(count)
    faces = np.stack([around, np.roll(around, -1), np.full(count, count)], 1)
    low, high = vertices[:, :2].min(0), vertices[:, :2].max(0)
    uv = (vertices[:, :2] - low) / np.maximum(high - low, 1e-9)
    return Mesh(vertices, faces if up else faces[:, ::-1], uv)


def merge(*meshes: Mesh) -> Mesh:
    """Join meshes into one; the first one's crease angle is kept."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]),
        np.concatenate([mesh.uv for mesh in meshes]),
        meshes[0].crease,
    )


def moved(mesh: Mesh, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
    """Return the mesh moved by millimetres."""
    return replace(mesh, vertices=mesh.vertices + np.array([x, y, z]))


def scaled(mesh: Mesh, x: float, y: float | None = None, z: float | None = None) -> Mesh:
    """Return the mesh scaled about the origin, turning it right side out if that mirrors it."""
    factors = np.array([x, x if y is None else y, x if z is None else z])
    faces = mesh.faces if np.prod(factors) > 0 else mesh.faces[:, ::-1]
    return replace(mesh, vertices=mesh.vertices * factors, faces=faces)


def rotation(axis: str, degrees: float) -> Array:
    """Return the right-handed rotation matrix about one of the axes x, y, z."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


def turned(mesh: Mesh, axis: str, degrees: float) -> Mesh:
    """Return the mesh rotated about an axis through the origin."""
    return replace(mesh, vertices=mesh.vertices @ rotation(axis, degrees).T)


def bounds(piece: Piece) -> tuple[Array, Array]:
    """Return the lowest and highest corner of a piece."""
    vertices = np.concatenate([part.mesh.vertices for part in piece])
    return vertices.min(axis=0), vertices.max(axis=0)


def posed(
    piece: Piece, *turns: tuple[str, float], ground: bool = True, at: tuple[float, float] = (0, 0)
) -> Piece:
    """Turn a whole piece, set it down on the floor and move it to a place there."""
    for axis, degrees in turns:
        piece = [replace(part, mesh=turned(part.mesh, axis, degrees)) for part in piece]
    drop = -float(bounds(piece)[0][2]) if ground else 0.0
    return [replace(part, mesh=moved(part.mesh, at[0], at[1], drop)) for part in piece]


def boxed_uv(mesh: Mesh, size: float) -> Mesh:
    """Project texture coordinates along each triangle's main axis, one repeat every ``size`` millimetres."""
    corners = mesh.vertices[mesh.faces]
    normals = np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    main = normals.argmax(axis=1)
    axes = np.array([[1, 2], [0, 2], [0, 1]])[main]
    vertices = corners.reshape(-1, 3)
    uv = np.take_along_axis(vertices, np.repeat(axes, 3, axis=0), axis=1) / size
    normal = corner_normals(mesh)
    return FixedNormals(vertices, np.arange(len(vertices)).reshape(-1, 3), uv, mesh.crease, normal)


@dataclass(frozen=True)
class FixedNormals(Mesh):
    """A mesh whose corners were split for texturing and which keeps the normals it had before."""

    normals: Array | None = None


def corner_normals(mesh: Mesh) -> Array:
    """Return one normal per triangle corner, averaged over neighbours that meet below the crease angle."""
    corners = mesh.vertices[mesh.faces]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-12)
    _, owner = np.unique(np.round(mesh.vertices, 5), axis=0, return_inverse=True)
    ids = owner.ravel()[mesh.faces].ravel()
    order = np.argsort(ids, kind="stable")
    starts = np.searchsorted(ids[order], ids)
    counts = np.bincount(ids)[ids]
    result = np.zeros((len(ids), 3))
    own = unit.repeat(3, axis=0)
    limit = np.cos(np.radians(mesh.crease))
    for step in range(int(counts.max())):
        live = step < counts
        other = order[starts[live] + step] // 3
        close = np.einsum("ij,ij->i", own[live], unit[other]) >= limit
        result[live] += weighted[other] * close[:, None]
    length = np.linalg.norm(result, axis=1, keepdims=True)
    return np.where(length > 1e-12, result / np.maximum(length, 1e-12), own)


def corners_of(mesh: Mesh) -> tuple[Array, Array, Array]:
    """Return the position, normal and texture coordinate of every triangle's corners in turn."""
    fixed = mesh.normals if isinstance(mesh, FixedNormals) else None
    flat = mesh.faces.ravel()
    return mesh.vertices[flat], corner_normals(mesh) if fixed is None else fixed, mesh.uv[flat]


def welded(mesh: Mesh) -> tuple[Array, Array, Array, Faces]:
    """Return positions, normals, texture coordinates and triangles with equal corners shared again."""
    packed = np.concatenate(corners_of(mesh), axis=1)
    unique, inverse = np.unique(np.round(packed, 5), axis=0, return_inverse=True)
    return unique[:, :3], unique[:, 3:6], unique[:, 6:], inverse.reshape(-1, 3)
