"""The studio: a seamless floor, soft boxes, a long lens, and a film that keeps the tile exactly flat.

All light comes from far away, so that an empty floor is one even tone. Scaling that tone to the tile's
colour leaves the piece's own shadow and warmth as the only thing that happens on the background.
"""

from dataclasses import dataclass, field
from typing import Any

import mitsuba as mi
import numpy as np

from demo.generator.finishes import FINISHES, Finish, picture
from demo.generator.mesh import Array, FixedNormals, Mesh, Part, Piece, bounds, boxed_uv, corners_of

mi.set_variant("llvm_ad_rgb")


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


def scene(piece: Piece, view: View, room: Set, size: tuple[int, int], place: tuple[slice, slice]) -> Any:
    """Build the renderer's scene for one window of the picture."""
    everything = [*piece, *room.extra]
    surfaces = {name: mi.load_dict(surface(FINISHES[name])) for name in {part.finish for part in everything}}
    reach = view.width * 400
    clear = any(FINISHES[part.finish].kind in ("glass", "gem", "heart", "lens") for part in everything)
    rows, columns = place
    sensor = camera(piece, view, size)
    sensor["film"] |= {
        "crop_offset_x": columns.start,
        "crop_offset_y": rows.start,
        "crop_width": columns.stop - columns.start,
        "crop_height": rows.stop - rows.start,
    }
    description: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 16 if clear else 6, "rr_depth": 3},
        "sensor": sensor,
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
