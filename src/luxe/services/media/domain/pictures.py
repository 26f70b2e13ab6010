"""Pictures: recognised by their bytes, freed of metadata, made smaller."""

from __future__ import annotations

import io
import warnings

import msgspec
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from luxe.kernel.errors import BadRequest, Refusal

MAX_PIXELS = 60_000_000
MAX_SIDE = 12_000
_FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}
_METADATA = ("exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop")
_PAPER = (247, 245, 242)


class Clean(msgspec.Struct, frozen=True, kw_only=True):
    """A picture without metadata, upright, with its size and dominant colour."""

    content: bytes
    extension: str
    width: int
    height: int
    colour: str


def extension_of(content: bytes) -> str:
    """The usual extension of a picture format that the house takes, or nothing."""
    if content[:3] == b"\xff\xd8\xff":
        return "jpg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in (b"avif", b"avis"):
        return "avif"
    return "gif" if content[:6] in (b"GIF87a", b"GIF89a") else ""


def clean(content: bytes) -> Clean:
    """Decodes once, so that what is stored is known to be whole. Raises `media_too_large` or `media_broken`."""
    picture = _open(content)
    format_ = picture.format or ""
    upright, untidy = _loaded(picture)
    if untidy or format_ == "GIF":
        content, extension = _encode_master(upright, format_)
    else:
        extension = _FORMATS[format_]
    return Clean(
        content=content,
        extension=extension,
        width=upright.width,
        height=upright.height,
        colour=dominant_colour(upright),
    )


def rendition(content: bytes, width: int, format_: str) -> bytes:
    """The picture at `width` pixels, never larger than it is, as avif, webp or jpg in sRGB."""
    picture = _in_srgb(_loaded(_open(content, shrink_to=width))[0])
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    if format_ == "jpg":
        _flat(picture).save(out, "JPEG", quality=82, progressive=True, optimize=True)
    elif format_ == "webp":
        picture.save(out, "WEBP", quality=80, method=4)
    else:
        picture.save(out, "AVIF", quality=62, speed=8, max_threads=1)
    return out.getvalue()


def dominant_colour(picture: Image.Image) -> str:
    """The most frequent of eight colours, as `#rrggbb`."""
    small = _flat(picture.resize((48, 48), Image.Resampling.BOX)).quantize(8, Image.Quantize.MEDIANCUT)
    counted = small.getcolors() or [(1, 0)]
    _, index = max(counted)
    palette = small.getpalette() or [0, 0, 0]
    assert isinstance(index, int)
    red, green, blue = palette[index * 3 : index * 3 + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _open(content: bytes, shrink_to: int = 0) -> Image.Image:
    """Reads the header only, and refuses by the size it states before a pixel is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=tuple(_FORMATS))
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _broken(error) from error
    if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
        raise _too_large()
    if shrink_to and picture.format == "JPEG":
        picture.draft("RGB", (shrink_to * 2, shrink_to * 2))
    return picture


def _loaded(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The first picture, decoded and upright, and whether the file holds metadata or more pictures besides."""
    try:
        picture.load()
        untidy = bool(picture.getexif()) or getattr(picture, "n_frames", 1) > 1
        untidy = (
            untidy or bool(getattr(picture, "text", None)) or any(name in picture.info for name in _METADATA)
        )
        upright = ImageOps.exif_transpose(picture)
    except Exception as error:  # decoders that are fed damaged bytes raise whatever they stumble on
        raise _broken(error) from error
    if upright.mode in ("RGB", "RGBA", "L"):
        return upright, untidy
    transparent = upright.mode in ("LA", "PA") or "transparency" in upright.info
    converted = upright.convert("RGBA" if transparent else "RGB")
    converted.info.setdefault("icc_profile", upright.info.get("icc_profile"))
    return converted, untidy


def _encode_master(picture: Image.Image, format_: str) -> tuple[bytes, str]:
    """The same picture without anything but pixels and their colour profile."""
    out = io.BytesIO()
    profile = picture.info.get("icc_profile")
    if format_ == "JPEG":
        picture.convert("RGB").save(out, "JPEG", quality=95, subsampling=0, icc_profile=profile)
        return out.getvalue(), "jpg"
    if format_ in ("PNG", "GIF"):
        Image.frombytes(picture.mode, picture.size, picture.tobytes()).save(out, "PNG", icc_profile=profile)
        return out.getvalue(), "png"
    picture.save(out, "WEBP", quality=95, method=4, exif=b"", xmp=b"", icc_profile=profile)
    return out.getvalue(), "webp"


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Colours of a wide-gamut picture, as every screen understands them; a broken profile is ignored."""
    profile = picture.info.pop("icc_profile", None)
    picture.info.pop("exif", None)
    picture.info.pop("xmp", None)
    if not profile or picture.mode not in ("RGB", "RGBA"):
        return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    converted = converted or picture
    converted.info.pop("icc_profile", None)
    return converted


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, _PAPER)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _broken(error: Exception) -> BadRequest:
    return BadRequest(f"the picture cannot be read: {error}", code="media_broken")


def _too_large() -> Refusal:
    return Refusal(f"more than {MAX_PIXELS:,} pixels", code="media_too_large", status=413)
