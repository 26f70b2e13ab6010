"""Silk by Serradine: squares laid flat, squares let fall, and a ribbon. Cloth is simulated with a fixed seed."""

import functools

import numpy as np
from scipy import ndimage

from demo.generator.mesh import Array, Mesh, Part, Piece, grid, moved
from demo.generator.shapes import circle, smooth, sweep


def field(count: int, scale: float, seed: int) -> Array:
    """Return smooth unit noise on a square lattice."""
    raw = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((count, count)), scale)
    return raw / raw.std()


def hem(points: Array, radius: float, finish: str) -> Part:
    """Return the hand-rolled edge around a lattice of cloth."""
    line = np.concatenate([points[0], points[1:, -1], points[-1, -2::-1], points[-2:0:-1, 0]])
    return Part(sweep(line, circle(radius, 10), closed=True, crease=60), finish)


def laid(finish: str, seed: int, side: float = 900.0) -> Piece:
    """Return a square laid open, with the ripples of having just been put down and one corner turned over."""
    count = 260
    axis = np.linspace(-side / 2, side / 2, count)
    x, y = np.meshgrid(axis, axis)
    lift = 4.0 + 3.0 * field(count, 26, seed) + 1.4 * field(count, 11, seed + 1)
    ridge = np.exp(-(((x - y * 0.55 + 120) / 46) ** 2)) * 7 * np.clip((y + side / 2) / side, 0, 1)
    shift = field(count, 40, seed + 2) * 3
    points = np.stack([x + shift, y + field(count, 40, seed + 3) * 3, np.maximum(lift + ridge, 0.8)], 2)
    return [Part(grid(points, crease=80), finish), hem(points, 1.7, finish)]


@functools.cache
def fallen(seed: int, count: int = 150, steps: int = 900) -> Array:
    """Let a square of cloth, held at a few places, fall on the floor; return its lattice for a side of 900."""
    rng = np.random.default_rng(seed)
    spacing = 900.0 / (count - 1)
    axis = np.linspace(-450, 450, count)
    x, y = np.meshgrid(axis, axis)
    pull = 1.0 - 0.42 * np.exp(-((np.hypot(x - 60, y + 40) / 330) ** 2))
    angle = np.arctan2(y + 40, x - 60)
    crown = 190 * np.exp(-((np.hypot(x - 60, y + 40) / 190) ** 2))
    fold = 46 * np.sin(angle * 7 + 0.8) * np.exp(-(((np.hypot(x - 60, y + 40) - 250) / 190) ** 2))
    now = np.stack([x * pull, y * pull, crown + fold + 60 + 3 * rng.standard_normal(x.shape)], 2)
    before = now.copy()
    for _ in range(steps):
        step = (now - before) * 0.965
        before = now.copy()
        now = now + step
        now[..., 2] -= 0.30
        for _ in range(6):
            relax(now, spacing)
        floor = now[..., 2] < 1.0
        now[..., 2] = np.where(floor, 1.0, now[..., 2])
        before[floor] += (now[floor] - before[floor]) * 0.7
    return now


def relax(points: Array, spacing: float) -> None:
    """Pull neighbouring threads back to their distance, along the weave, across it and two apart."""
    for down, right, weight in ((0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.3), (0, 3, 0.10), (3, 0, 0.10)):
        rest = spacing * np.hypot(down, right)
        for offset in (0, 1) if down + right < 3 else (0,):
            rows = slice(offset if down else 0, points.shape[0] - down)
            columns = slice(offset if right and not down else 0, points.shape[1] - right)
            a = points[rows, columns]
            b = points[rows.start + down :, columns.start + right :][: a.shape[0], : a.shape[1]]
            away = b - a
            length = np.linalg.norm(away, axis=2, keepdims=True)
            move = away * (1 - rest / np.maximum(length, 1e-6)) * weight * 0.5
            a += move
            b -= move


def let_fall(finish: str, seed: int) -> Piece:
    """Return a square fallen in folds."""
    coarse = fallen(seed)
    points = np.stack([ndimage.zoom(coarse[..., axis], 2.4, order=3) for axis in range(3)], 2)
    points = np.stack(
        [ndimage.gaussian_filter(points[..., axis], 1.2, mode="nearest") for axis in range(3)], 2
    )
    return [Part(grid(points, crease=85), finish), hem(points, 1.7, finish)]


def band(path: Array, width: float, up: Array) -> Mesh:
    """Return a ribbon along a path; ``up`` is its broad direction at each point."""
    across = np.linspace(-0.5, 0.5, 17)
    points = path[:, None] + up[:, None] * (across[None, :, None] * width)
    slant = np.gradient(path, axis=0)[:, None] * across[None, :, None] * 3
    return grid(points + slant, crease=80)


def coiled() -> Piece:
    """Return the ribbon standing on its edge in a loose coil, with a tail that lies down."""
    count = 620
    share = np.linspace(0, 1, count)
    angle = share * 2 * np.pi * 2.15 + 0.6
    radius = 26 + 30 * share + 3.0 * np.sin(angle * 2.3 + 0.4)
    path = np.stack(
        [radius * np.cos(angle), radius * np.sin(angle) * 0.92, 25 + 1.5 * np.sin(angle * 1.7)], 1
    )
    lean = np.stack([0.16 * np.cos(angle + 0.5), 0.16 * np.sin(angle * 1.4), np.ones(count)], 1)
    tail = smooth(
        [
            tuple(path[-1]),
            (path[-1][0] - 22, path[-1][1] + 34, 22),
            (path[-1][0] - 70, path[-1][1] + 30, 10),
            (path[-1][0] - 128, path[-1][1] - 6, 6),
        ],
        240,
    )
    turn = np.linspace(0, 1, 240)[:, None] ** 1.2
    flat = np.array([0.25, -0.95, 0.35])
    tail_up = (1 - turn) * lean[-1] + turn * flat
    full = np.concatenate([path, tail[1:]])
    up = np.concatenate([lean, tail_up[1:]])
    up = ndimage.gaussian_filter1d(up, 9, axis=0, mode="nearest")
    full = ndimage.gaussian_filter1d(full, 7, axis=0, mode="nearest")
    up = up / np.linalg.norm(up, axis=1, keepdims=True)
    ribbon = band(full, 50, up)
    return [Part(moved(ribbon, z=max(0.0, -float(ribbon.vertices[:, 2].min()))), "silk-ruban")]
