"""Surface drawings made from seeded noise and lines: leather grain, tortoise, pearl shell, stone."""

import functools

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from demo.generator.mesh import Array


def noise(size: int, scale: float, seed: int) -> Array:
    """Return tileable smooth noise of unit spread around zero."""
    white = np.random.default_rng(seed).standard_normal((size, size))
    soft = ndimage.gaussian_filter(white, scale, mode="wrap")
    return soft / soft.std()


def cells(size: int, count: int, seed: int) -> tuple[Array, Array]:
    """Return the distances to the nearest and second nearest of some scattered points, wrapping around."""
    points = np.random.default_rng(seed).uniform(0, size, (count, 2))
    tree = cKDTree(points, boxsize=size)
    y, x = np.mgrid[0:size, 0:size]
    distance, _ = tree.query(np.stack([x.ravel(), y.ravel()], 1), k=2)
    return distance[:, 0].reshape(size, size), distance[:, 1].reshape(size, size)


@functools.cache
def leather_grain() -> Array:
    """Return the height of a fine calf grain, 0 to 1: small pebbles with soft valleys between."""
    near, far = cells(1024, 12000, 7)
    pebble = np.clip((far - near) / 5.0, 0, 1) ** 0.6
    height = ndimage.gaussian_filter(pebble, 0.9, mode="wrap") + 0.10 * noise(1024, 14, 8)
    return (height - height.min()) / np.ptp(height)


@functools.cache
def twill() -> Array:
    """Return the height of a silk twill's diagonal rib, 0 to 1."""
    y, x = np.mgrid[0:512, 0:512]
    rib = 0.5 + 0.5 * np.sin((x + 2 * y) * 2 * np.pi / 16)
    return np.clip(rib + 0.12 * noise(512, 1.5, 4), 0, 1)


@functools.cache
def brushed() -> Array:
    """Return fine lines along v for brushed steel, 0 to 1."""
    white = np.random.default_rng(3).standard_normal((512, 512))
    lines = ndimage.gaussian_filter(white, (60, 0.7), mode="wrap")
    lines = lines / lines.std()
    return np.clip(0.5 + 0.2 * lines, 0, 1)


def blend(stops: list[tuple[float, tuple[float, float, float]]], share: Array) -> Array:
    """Colour a field by linear interpolation between (place, rgb) stops."""
    places = [place for place, _ in stops]
    return np.stack([np.interp(share, places, [rgb[axis] for _, rgb in stops]) for axis in range(3)], 2)


@functools.cache
def tortoise() -> Array:
    """Return linear RGB of tortoise acetate: amber depths under dark flakes."""
    field = noise(1024, 46, 21) + 0.55 * noise(1024, 17, 22) + 0.2 * noise(1024, 6, 23)
    flake = 1 / (1 + np.exp(-(field - 0.05) * 3.2))
    return blend(
        [
            (0, (0.50, 0.20, 0.045)),
            (0.35, (0.28, 0.085, 0.015)),
            (0.7, (0.055, 0.015, 0.005)),
            (1, (0.012, 0.006, 0.004)),
        ],
        flake,
    )


@functools.cache
def shell() -> Array:
    """Return linear RGB of white mother-of-pearl."""
    drift = noise(1024, 60, 31) + 0.5 * noise(1024, 22, 32)
    hue = 0.5 + 0.22 * drift
    base = blend(
        [(0, (0.72, 0.80, 0.80)), (0.5, (0.88, 0.86, 0.83)), (1, (0.86, 0.74, 0.76))], np.clip(hue, 0, 1)
    )
    return base * (1 + 0.02 * noise(1024, 3, 33))[..., None]


@functools.cache
def travertine() -> Array:
    """Return linear RGB of a pale layered stone."""
    white = np.random.default_rng(51).standard_normal((1024, 1024))
    layers = ndimage.gaussian_filter(white, (7, 160), mode="wrap")
    layers = layers / layers.std() + 0.35 * noise(1024, 5, 52)
    pits = ndimage.gaussian_filter(
        np.random.default_rng(53).standard_normal((1024, 1024)), (1.6, 5), mode="wrap"
    )
    pits = np.clip((pits / pits.std() - 2.1) * 1.4, 0, 1)
    tone = np.clip(0.5 + 0.16 * layers, 0, 1)
    base = blend([(0, (0.52, 0.43, 0.33)), (0.5, (0.66, 0.58, 0.47)), (1, (0.76, 0.69, 0.59))], tone)
    return base * (1 - 0.45 * pits)[..., None]


@functools.cache
def lapis() -> Array:
    """Return linear RGB of resin with powdered lapis and a few gold flecks."""
    depth = np.clip(0.5 + 0.22 * noise(1024, 16, 61) + 0.1 * noise(1024, 3, 62), 0, 1)
    base = blend([(0, (0.004, 0.010, 0.060)), (0.6, (0.012, 0.035, 0.19)), (1, (0.03, 0.08, 0.32))], depth)
    fleck = np.clip(noise(1024, 1.6, 63) - 3.1, 0, 1)[..., None]
    return base * (1 - fleck) + fleck * np.array([0.75, 0.55, 0.22])
