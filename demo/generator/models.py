"""Write pieces as GLB: metres, y up, front towards +z, physically based materials, plain glTF 2.0."""

import io
import json
import struct
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import fast_simplification
import numpy as np
from PIL import Image

from demo.generator.finishes import FINISHES, Finish, picture
from demo.generator.mesh import Array, FixedNormals, Mesh, Piece, boxed_uv, posed, welded
from demo.generator.pieces import SUBJECTS
from demo.generator.studio import outward

BUDGET = 790_000
TRIANGLES = (26_000, 19_000, 14_000, 10_000, 7_000, 5_000)
MODELS: dict[str, tuple[tuple[str, float], ...]] = {
    "meridian-38-rose": (("x", 62),),
    "coussin-onyx": (("x", 62),),
    "solstice-ring": (),
    "orbit-cuff": (),
    "halo-pearl-earrings": (),
    "arcade-28": (),
    "carnet-card-case": (("x", 90),),
    "riva-panto": (),
    "lido-round": (),
    "hatsuyuki-cup": (),
    "kumo-vase": (),
    "layl-parfum": (),
    "no-7-fountain-pen": (),
}


@dataclass
class Binary:
    """The growing body of a GLB file and the tables that point into it."""

    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)

    def view(self, raw: bytes, target: int | None = None) -> int:
        """Append bytes and return their buffer view."""
        self.data += b"\0" * (-len(self.data) % 4)
        entry: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw)}
        if target:
            entry["target"] = target
        self.views.append(entry)
        self.data += raw
        return len(self.views) - 1

    def floats(self, values: Array, *, limits: bool = False) -> int:
        """Append a float32 vertex attribute and return its accessor."""
        packed = np.ascontiguousarray(values, np.float32)
        entry: dict[str, Any] = {
            "bufferView": self.view(packed.tobytes(), 34962),
            "componentType": 5126,
            "count": len(packed),
            "type": f"VEC{packed.shape[1]}",
        }
        if limits:
            entry |= {"min": packed.min(0).tolist(), "max": packed.max(0).tolist()}
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def indices(self, faces: np.ndarray, vertices: int) -> int:
        """Append triangle indices in the smallest type that holds them and return their accessor."""
        kind, code = (np.uint16, 5123) if vertices < 65535 else (np.uint32, 5125)
        flat = np.ascontiguousarray(faces.ravel(), kind)
        entry = {
            "bufferView": self.view(flat.tobytes(), 34963),
            "componentType": code,
            "count": len(flat),
            "type": "SCALAR",
        }
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def image(self, name: str) -> int:
        """Append a drawing as a small JPEG and return its texture."""
        value = np.clip(picture(name), 0, 1)
        srgb = np.where(
            value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 1e-6) ** (1 / 2.4) - 0.055
        )
        bitmap = Image.fromarray((srgb * 255 + 0.5).astype(np.uint8))
        bitmap.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        bitmap.save(buffer, "JPEG", quality=84)
        self.images.append(
            {"bufferView": self.view(buffer.getvalue()), "mimeType": "image/jpeg", "name": name}
        )
        return len(self.images) - 1


def material(name: str, finish: Finish, body: Binary) -> dict[str, Any]:
    """Return the glTF material of a finish."""
    colour = [round(value, 4) for value in finish.colour]
    rough = round(float(np.sqrt(finish.rough)), 3)
    if finish.kind in ("hide", "cloth") or finish.rough > 0.4:
        rough = min(1.0, finish.rough + 0.15)
    base: dict[str, Any] = {
        "baseColorFactor": [*colour, 1],
        "metallicFactor": 1 if finish.kind == "metal" else 0,
        "roughnessFactor": rough,
    }
    result: dict[str, Any] = {"name": name, "pbrMetallicRoughness": base, "doubleSided": True}
    if finish.drawing:
        base["baseColorFactor"] = [1, 1, 1, 1]
        base["baseColorTexture"] = {"index": body.image(finish.drawing)}
    if finish.kind in ("glass", "gem", "heart"):
        base |= {"roughnessFactor": 0.0, "baseColorFactor": [*colour, 1]}
        result["extensions"] = {
            "KHR_materials_transmission": {"transmissionFactor": 0.95},
            "KHR_materials_ior": {"ior": finish.ior},
        }
    elif finish.kind == "lens":
        base |= {"roughnessFactor": 0.05, "baseColorFactor": [*colour, 0.86 if max(colour) < 0.5 else 0.35]}
        result["alphaMode"] = "BLEND"
    return result


def lighter(mesh: Mesh, share: float) -> Mesh:
    """Return the mesh with about that share of its triangles, keeping its shape."""
    if share >= 1 or len(mesh.faces) < 400 or isinstance(mesh, FixedNormals):
        return mesh
    points, owner = np.unique(np.round(mesh.vertices, 5), axis=0, return_inverse=True)
    faces = owner.ravel()[mesh.faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])]
    slim_points, slim_faces = fast_simplification.simplify(
        points.astype(np.float32), faces.astype(np.int32), target_reduction=float(1 - share), agg=6
    )
    slim = np.asarray(slim_points, float)
    return Mesh(slim, np.asarray(slim_faces, np.int64), np.zeros((len(slim), 2)), max(mesh.crease, 35))


def gathered(piece: Piece, triangles: int) -> dict[str, list[Mesh]]:
    """Return the meshes of a piece by finish, thinned to about so many triangles; laid-out drawings stay whole."""
    total = sum(len(part.mesh.faces) for part in piece)
    share = min(1.0, triangles / total)
    result: dict[str, list[Mesh]] = defaultdict(list)
    for part in piece:
        finish = FINISHES[part.finish]
        keep_layout = finish.drawing is not None and not finish.tile
        whole = keep_layout or finish.kind == "gem"
        mesh = part.mesh if whole else lighter(part.mesh, share)
        mesh = outward(mesh)
        result[part.finish].append(boxed_uv(mesh, finish.tile) if finish.tile and finish.drawing else mesh)
    return result


def primitive(meshes: list[Mesh], textured: bool, body: Binary) -> dict[str, Any]:
    """Return one glTF primitive for all meshes of a finish."""
    layers = [
        welded(mesh if textured else replace(mesh, uv=np.zeros((len(mesh.vertices), 2)))) for mesh in meshes
    ]
    offsets = np.cumsum([0] + [len(layer[0]) for layer in layers[:-1]])
    positions = np.concatenate([layer[0] for layer in layers])
    normals = np.concatenate([layer[1] for layer in layers])
    uv = np.concatenate([layer[2] for layer in layers]) * [1, -1] + [0, 1]
    faces = np.concatenate([layer[3] + offset for layer, offset in zip(layers, offsets, strict=True)])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-6, normals / np.maximum(length, 1e-6), [0.0, 0.0, 1.0])
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    up = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
    attributes = {
        "POSITION": body.floats(positions @ up.T * 0.001, limits=True),
        "NORMAL": body.floats(normals @ up.T),
    }
    if textured:
        attributes["TEXCOORD_0"] = body.floats(uv)
    return {"attributes": attributes, "indices": body.indices(faces, len(positions))}


def write_model(slug: str, path: Path) -> int:
    """Write one piece's GLB, as fine as the byte budget allows, and return its size."""
    piece = posed(SUBJECTS[slug].build(), *MODELS[slug])
    for triangles in TRIANGLES:
        packed = pack(slug, gathered(piece, triangles))
        if len(packed) <= BUDGET:
            break
    path.write_bytes(packed)
    return len(packed)


def pack(slug: str, groups: dict[str, list[Mesh]]) -> bytes:
    """Return meshes by finish as the bytes of a GLB file."""
    body = Binary()
    materials, primitives = [], []
    for name, meshes in groups.items():
        finish = FINISHES[name]
        entry = primitive(meshes, finish.drawing is not None, body)
        entry["material"] = len(materials)
        materials.append(material(name, finish, body))
        primitives.append(entry)
    body.data += b"\0" * (-len(body.data) % 4)
    extensions = sorted({name for entry in materials for name in entry.get("extensions", {})})
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "LUXE demo house"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": slug}],
        "meshes": [{"primitives": primitives, "name": slug}],
        "materials": materials,
        "accessors": body.accessors,
        "bufferViews": body.views,
        "buffers": [{"byteLength": len(body.data)}],
    }
    if body.images:
        document["images"] = body.images
        document["samplers"] = [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}]
        document["textures"] = [{"source": index, "sampler": 0} for index in range(len(body.images))]
    if extensions:
        document["extensionsUsed"] = extensions
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    whole = 12 + 8 + len(text) + 8 + len(body.data)
    head = struct.pack("<4sII", b"glTF", 2, whole) + struct.pack("<I4s", len(text), b"JSON") + text
    return head + struct.pack("<I4s", len(body.data), b"BIN\0") + bytes(body.data)
