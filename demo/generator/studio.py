"""The studio: a seamless floor, soft boxes, a long lens, and a film that keeps the tile exactly flat.

All light comes from far away, so that an empty floor is one even tone. Scaling that tone to the tile's
colour leaves the piece's own shadow and warmth as the only thing that happens on the background.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
import pyoidn
from PIL import Image

from demo.generator.finishes import FINISHES, Finish, picture
from demo.generator.mesh import Array, FixedNormals, Mesh, Part, Piece, bounds, boxed_uv, corners_of

mi.set_variant("llvm_ad_rgb")

TILE = np.array([0xF3, 0xF1, 0xED]) / 255
PASS = 8
GUIDE = {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal"}


@dataclass(frozen=True)
class Lamp:
    """One soft box at infinity: where it hangs, half its size in degrees, its strength and tint."""

    azimuth: float
    height: float
    wide: float
    tall: float
    power: float
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    edge: float = 4.0


@dataclass(frozen=True)
class Light:
    """A whole lighting: the tent around the piece and the lamps in it."""

    low: float = 0.38
    high: float = 0.80
    tint: tuple[float, float, float] = (1.0, 0.99, 0.97)
    lamps: tuple[Lamp, ...] = ()
    name: str = "soft"


SOFT = Light(
    lamps=(
        Lamp(215, 52, 26, 20, 9.0),
        Lamp(325, 30, 8, 34, 5.5),
        Lamp(150, 24, 9, 26, 3.5),
        Lamp(270, 6, 24, 13, -0.30, edge=9),
        Lamp(20, 8, 30, 14, -0.30, edge=9),
    )
)
JEWEL = Light(
    low=0.16,
    high=0.62,
    lamps=(
        Lamp(215, 55, 22, 16, 10.0),
        Lamp(320, 34, 7, 26, 9.0),
        Lamp(140, 30, 8, 22, 7.0),
        Lamp(60, 46, 12, 9, 8.0),
        Lamp(268, 70, 7, 6, 10.0),
        Lamp(270, 8, 30, 14, -0.08, edge=9),
    ),
    name="jewel",
)


@dataclass(frozen=True)
class View:
    """Where the camera stands: degrees around and above, the frame's width in millimetres, and its aim."""

    azimuth: float
    pitch: float
    width: float
    aim: tuple[float, float, float] | None = None
    lens: float = 11.0
    blur: float = 0.0
    light: Light = SOFT


@dataclass(frozen=True)
class Set:
    """What surrounds the pieces: the floor's finish and, for editorial pictures, whatever else is built."""

    floor: tuple[float, float, float] = (0.80, 0.785, 0.76)
    flat: bool = True
    exposure: float = 1.0
    extra: Piece = field(default_factory=list)


def sky(light: Light, height: int = 256) -> Array:
    """Paint the lighting as a latitude-longitude picture with z up."""
    width = 2 * height
    up = 90 - (np.arange(height) + 0.5) * 180 / height
    around = (np.arange(width) + 0.5) * 360 / width
    base = light.low + (light.high - light.low) * np.clip(np.sin(np.radians(up)), 0, 1) ** 0.8
    image = np.repeat(base[:, None], width, axis=1)[..., None] * np.array(light.tint)
    for lamp in light.lamps:
        turn = (around - lamp.azimuth + 180) % 360 - 180
        x = (lamp.wide - np.abs(turn) * np.cos(np.radians(lamp.height))) / lamp.edge
        y = (lamp.tall - np.abs(up - lamp.height)) / lamp.edge
        shape = np.clip(x[None, :] + 0.5, 0, 1) * np.clip(y[:, None] + 0.5, 0, 1)
        shape = shape * shape * (3 - 2 * shape)
        image = image + (shape * lamp.power)[..., None] * np.array(lamp.tint)
    return np.maximum(image, 0.02).astype(np.float32)


def empty_floor(light: Light, room: Set) -> Array:
    """Return the one tone of a floor with nothing on it: its reflectance times the light that falls on it."""
    image = sky(light).astype(float)
    height, width = image.shape[:2]
    up = np.radians(90 - (np.arange(height) + 0.5) * 180 / height)
    share = np.maximum(np.sin(up), 0) * np.cos(up) * (np.pi / height) * (2 * np.pi / width)
    return np.array(room.floor) * np.einsum("ijk,i->k", image, share) / np.pi


def emitter(light: Light) -> dict[str, Any]:
    """Return the lighting as an environment; azimuth 270 lies behind the camera's usual place at -y."""
    image = sky(light)
    shifted = np.roll(image[:, ::-1], image.shape[1] // 4, axis=1)
    turn = mi.ScalarTransform4f().rotate([1, 0, 0], 90)
    return {"type": "envmap", "bitmap": mi.Bitmap(np.ascontiguousarray(shifted)), "to_world": turn}


def texture(values: Array, *, raw: bool) -> dict[str, Any]:
    """Return a repeating bitmap texture."""
    pixels = values if values.ndim == 3 else values[..., None]
    return {
        "type": "bitmap",
        "bitmap": mi.Bitmap(np.ascontiguousarray(pixels.astype(np.float32))),
        "raw": raw,
        "wrap_mode": "repeat",
    }


def rgb(colour: tuple[float, float, float]) -> dict[str, Any]:
    """Return a plain colour."""
    return {"type": "rgb", "value": list(colour)}


def surface(finish: Finish) -> dict[str, Any]:
    """Return the renderer's description of a finish."""
    if finish.kind in ("glass", "gem", "heart"):
        tint = tuple(float(np.sqrt(value)) for value in finish.colour)
        around = 1.5 if finish.kind == "heart" else 1.0
        return {
            "type": "dielectric",
            "int_ior": finish.ior,
            "ext_ior": around,
            "specular_transmittance": rgb(tint),
        }
    if finish.kind == "lens":
        return {"type": "thindielectric", "int_ior": finish.ior, "specular_transmittance": rgb(finish.colour)}
    colour = texture(picture(finish.drawing), raw=True) if finish.drawing else rgb(finish.colour)
    if finish.kind == "metal":
        inner: dict[str, Any] = {
            "type": "roughconductor",
            "material": "none",
            "alpha": finish.rough,
            "specular_reflectance": colour,
        }
    elif finish.kind in ("hide", "cloth"):
        inner = {
            "type": "principled",
            "base_color": colour,
            "roughness": finish.rough,
            "specular": 0.45,
            "sheen": 0.0 if finish.kind == "hide" else 0.35,
            "anisotropic": 0.0 if finish.kind == "hide" else 0.5,
        }
    elif finish.rough > 0.4:
        inner = {"type": "principled", "base_color": colour, "roughness": finish.rough, "specular": 0.35}
    else:
        inner = {
            "type": "roughplastic",
            "diffuse_reflectance": colour,
            "alpha": finish.rough,
            "int_ior": finish.ior,
            "nonlinear": False,
        }
    if finish.relief:
        inner = {
            "type": "bumpmap",
            "arbitrary": texture(picture(finish.relief), raw=True),
            "scale": finish.depth,
            "bsdf": inner,
        }
    return {"type": "twosided", "bsdf": inner}


def outward(mesh: Mesh) -> Mesh:
    """Return a closed mesh turned right side out."""
    a, b, c = (mesh.vertices[mesh.faces[:, index]] for index in range(3))
    if np.einsum("ij,ij->i", a, np.cross(b, c)).sum() >= 0 or isinstance(mesh, FixedNormals):
        return mesh
    return Mesh(mesh.vertices, mesh.faces[:, ::-1], mesh.uv, mesh.crease)


def solid(part: Part, bsdf: Any) -> Any:
    """Return a part as a renderer's mesh."""
    finish = FINISHES[part.finish]
    mesh = (
        boxed_uv(part.mesh, finish.tile)
        if finish.tile and not isinstance(part.mesh, FixedNormals)
        else part.mesh
    )
    positions, normals, uv = corners_of(outward(mesh))
    faces = np.arange(len(positions))
    props = mi.Properties()
    props["bsdf"] = bsdf
    result = mi.Mesh(part.finish, len(positions), len(faces) // 3, props, True, True)
    values = mi.traverse(result)
    values["vertex_positions"] = mi.Float(positions.ravel().astype(np.float32))
    values["vertex_normals"] = mi.Float(normals.ravel().astype(np.float32))
    uv = uv * np.array([1, -1]) + np.array([0, 1])
    values["vertex_texcoords"] = mi.Float(uv.ravel().astype(np.float32))
    values["faces"] = mi.UInt32(faces.ravel().astype(np.uint32))
    values.update()
    return result


def camera(piece: Piece, view: View, size: tuple[int, int]) -> dict[str, Any]:
    """Return a long-lens camera that frames ``view.width`` millimetres at its aim."""
    low, high = bounds(piece)
    aim = np.array(view.aim) if view.aim else (low + high) / 2
    around, up = np.radians(view.azimuth - 90), np.radians(view.pitch)
    away = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    distance = view.width / 2 / np.tan(np.radians(view.lens / 2))
    top = [0, 0, 1] if view.pitch < 85 else [0, 1, 0]
    place = mi.ScalarTransform4f().look_at(list(aim + away * distance), list(aim), top)
    result: dict[str, Any] = {
        "type": "thinlens" if view.blur else "perspective",
        "fov": view.lens,
        "fov_axis": "x",
        "near_clip": distance / 50,
        "far_clip": distance * 50,
        "to_world": place,
        "film": {
            "type": "hdrfilm",
            "width": size[0],
            "height": size[1],
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
        },
        "sampler": {"type": "independent"},
    }
    if view.blur:
        result |= {"aperture_radius": view.width * view.blur, "focus_distance": float(distance)}
    return result


def scene(piece: Piece, view: View, room: Set, size: tuple[int, int]) -> Any:
    """Build the renderer's scene."""
    everything = [*piece, *room.extra]
    surfaces = {name: mi.load_dict(surface(FINISHES[name])) for name in {part.finish for part in everything}}
    reach = view.width * 400
    description: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 16, "rr_depth": 4},
        "sensor": camera(piece, view, size),
        "light": emitter(view.light),
        "floor": {
            "type": "rectangle",
            "to_world": mi.ScalarTransform4f().scale([reach, reach, 1]),
            "bsdf": {"type": "diffuse", "reflectance": rgb(room.floor)},
        },
    }
    for index, part in enumerate(everything):
        description[f"part{index}"] = solid(part, surfaces[part.finish])
    return mi.load_dict(description)


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
    return np.array(mi.render(mi.load_dict(description), spp=16))[..., -1:]


def photograph(
    piece: Piece, view: View, room: Set, final: tuple[int, int], spp: int, share: float
) -> Image.Image:
    """Render one picture of the final size; a trial is rendered at a share of it and enlarged."""
    size = (round(final[0] * share), round(final[1] * share))
    image = expose(scene(piece, view, room, size), spp)
    cover = silhouette(piece, view, size) if room.flat else np.ones((size[1], size[0], 1))
    picture = develop(image, room, cover, empty_floor(view.light, room))
    return picture if share == 1 else picture.resize(final, Image.Resampling.LANCZOS)


def keep(image: Image.Image, path: Path, budget: int) -> int:
    """Save as WebP without metadata, at the best quality that stays within the budget; return its bytes."""
    for quality in (90, 87, 84, 80, 76, 70, 62, 54):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= budget:
            break
    return path.stat().st_size
