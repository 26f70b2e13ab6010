"""The darkroom: passes of light into one calm picture, the floor turned into the tile, and the file on disk."""

from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
import pyoidn
from PIL import Image

from demo.generator.mesh import Array, Piece
from demo.generator.studio import Set, View, camera, empty_floor, scene, solid

TILE = np.array([0xF3, 0xF1, 0xED]) / 255
PASS = 8
GUIDE = {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal"}


def expose(world: Any, spp: int) -> Array:
    """Render in several short passes, leave out each pixel's brightest outlier, and remove the grain."""
    count = max(2, spp // PASS)
    total, brightest = None, None
    for index in range(count):
        layer = np.array(mi.render(world, spp=PASS, seed=index))
        total = layer if total is None else total + layer
        brightest = layer if brightest is None else np.maximum(brightest, layer)
    assert total is not None
    assert brightest is not None
    mean = total / count
    calm = (total - brightest) / (count - 1)
    wild = brightest.max(axis=2, keepdims=True) > 6 * calm.max(axis=2, keepdims=True) + 0.5
    colour = np.where(wild, calm, mean)
    guide = np.array(mi.render(world, integrator=mi.load_dict(GUIDE), spp=16))
    layers = (colour, np.clip(guide[..., :3], 0, 1), guide[..., 3:6])
    flat = [np.ascontiguousarray(layer.astype(np.float32)) for layer in layers]
    return np.asarray(pyoidn.denoise(flat[0], albedo=flat[1], normal=flat[2], hdr=True), float)


def develop(image: Array, room: Set, cover: Array, empty: Array) -> Image.Image:
    """Scale the empty floor to the tile, roll off the highlights and return an sRGB picture."""
    tile = ((TILE + 0.055) / 1.055) ** 2.4
    if room.flat:
        image = image * (tile / empty)
        image = tile * (np.maximum(image, 0) / tile) ** 1.12
    else:
        image = np.maximum(image, 0) * room.exposure
    knee = 0.90
    image = np.where(
        image > knee, knee + (1 - knee) * (1 - np.exp(-(image - knee) / (1 - knee) * 0.8)), image
    )
    if room.flat:
        image = hush(image, tile, cover)
    value = np.where(image <= 0.0031308, image * 12.92, 1.055 * np.maximum(image, 1e-6) ** (1 / 2.4) - 0.055)
    return Image.fromarray((np.clip(value, 0, 1) * 255 + 0.5).astype(np.uint8))


def hush(image: Array, tile: Array, cover: Array) -> Array:
    """Quieten the floor: keep the contact shadow, lose the wide faint one, leave the piece as it is."""
    dark = np.clip(1 - image / tile, 0, 1)
    kept = np.clip(dark - 0.03, 0, 1) ** 2 / (dark + 0.09)
    floor = tile * (1 - kept)
    return image + (floor - image) * (1 - cover)


def silhouette(piece: Piece, view: View, size: tuple[int, int]) -> Array:
    """Return how much of each pixel the piece covers."""
    sensor = camera(piece, view, size)
    sensor["film"]["pixel_format"] = "rgba"
    plain = mi.load_dict({"type": "diffuse"})
    description: dict[str, Any] = {"type": "scene", "integrator": {"type": "depth"}, "sensor": sensor}
    for index, part in enumerate(piece):
        description[f"part{index}"] = solid(part, plain)
    return np.array(mi.render(mi.load_dict(description), spp=8))[..., -1:]


def window(cover: Array) -> tuple[slice, slice]:
    """Return the rows and columns that hold the piece and its shadow, which falls to the right."""
    height, width = cover.shape[:2]
    rows, columns = np.nonzero(cover[..., 0].max(axis=1))[0], np.nonzero(cover[..., 0].max(axis=0))[0]
    top, bottom = max(0, int(rows[0] - 0.11 * height)), min(height, int(rows[-1] + 0.17 * height))
    return slice(top, bottom), slice(max(0, int(columns[0] - 0.15 * width)), width)


def mounted(part: Array, place: tuple[slice, slice], cover: Array, floor: Array) -> Array:
    """Lay a rendered window on the empty floor, fading into it where the window ends inside the frame."""
    whole = np.broadcast_to(floor, (*cover.shape[:2], 3)).copy()
    fades = []
    for axis, full in enumerate(cover.shape[:2]):
        count, reach = part.shape[axis], 0.10 * full
        steps = np.arange(count)
        near = np.clip(steps / reach, 0, 1) if place[axis].start > 0 else np.ones(count)
        far = np.clip((count - 1 - steps) / reach, 0, 1) if place[axis].stop < full else np.ones(count)
        fades.append(near * far)
    whole[place] += (part - floor) * (fades[0][:, None] * fades[1][None, :])[..., None]
    return whole


def photograph(
    piece: Piece, view: View, room: Set, final: tuple[int, int], spp: int, share: float
) -> Image.Image:
    """Render one picture of the final size; a trial is rendered at a share of it and enlarged."""
    size = (round(final[0] * share), round(final[1] * share))
    floor = empty_floor(view.light, room)
    if room.flat:
        cover = silhouette(piece, view, size)
        place = window(cover)
        image = mounted(expose(scene(piece, view, room, size, place), spp), place, cover, floor)
    else:
        cover = np.ones((size[1], size[0], 1))
        image = expose(scene(piece, view, room, size, (slice(0, size[1]), slice(0, size[0]))), spp)
    picture = develop(image, room, cover, floor)
    return picture if share == 1 else picture.resize(final, Image.Resampling.LANCZOS)


def keep(image: Image.Image, path: Path, budget: int) -> int:
    """Save as WebP without metadata, at the best quality that stays within the budget; return its bytes."""
    for quality in (90, 87, 84, 80, 76, 70, 62, 54):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= budget:
            break
    return path.stat().st_size
