"""Drawings with a hand in them: watch and clock dials, and the house's printed silks. All linear RGB."""

import contextlib
import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from demo.generator import textures
from demo.generator.mesh import Array

FACES = ("NotoSerif-Regular.ttf", "DejaVuSerif.ttf")
Ink = tuple[int, int, int]


def linear(image: Image.Image) -> Array:
    """Return an sRGB image as linear floats."""
    value = np.asarray(image.convert("RGB"), float) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a quiet serif of the machine, or the drawing library's own."""
    for name in FACES:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)


def spaced(
    draw: ImageDraw.ImageDraw, middle: tuple[float, float], text: str, size: int, ink: Ink, gap: float
) -> None:
    """Write text centred on a point with space between its letters."""
    face = letters(size)
    widths = [draw.textlength(letter, font=face) for letter in text]
    x = middle[0] - (sum(widths) + gap * (len(text) - 1)) / 2
    for letter, width in zip(text, widths, strict=True):
        draw.text((x, middle[1]), letter, font=face, fill=ink, anchor="lm")
        x += width + gap


def ticks(
    draw: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    inner: float,
    outer: float,
    count: int,
    ink: Ink,
    wide: int,
) -> None:
    """Draw a minute track."""
    for index in range(count):
        angle = index * 2 * np.pi / count
        x, y = np.sin(angle), -np.cos(angle)
        line = [
            (middle[0] + x * inner, middle[1] + y * inner),
            (middle[0] + x * outer, middle[1] + y * outer),
        ]
        draw.line(line, fill=ink, width=wide)


def dial(ground: Image.Image, ink: Ink, name: str, *, seconds: bool, origin: str = "") -> Array:
    """Print a maker's name, a minute track and perhaps a small-seconds track on a dial of 2048 pixels."""
    draw = ImageDraw.Draw(ground)
    ticks(draw, (1024, 1024), 962, 990, 60, ink, 3)
    if name:
        spaced(draw, (1024, 640), name, 74, ink, 15)
    if seconds:
        ticks(draw, (1024, 1500), 208, 226, 60, ink, 3)
        ticks(draw, (1024, 1500), 190, 226, 12, ink, 4)
    if origin:
        spaced(draw, (1024, 1952), origin, 26, ink, 7)
    return linear(ground)


@functools.cache
def dial_ivory() -> Array:
    """Return the ivory lacquer dial with small seconds."""
    return dial(Image.new("RGB", (2048, 2048), (240, 234, 219)), (58, 44, 36), "ORLENNE", seconds=True)


@functools.cache
def dial_blue() -> Array:
    """Return the blue dial, darker towards its edge."""
    y, x = np.mgrid[-1:1:2048j, -1:1:2048j]
    radius = np.clip(np.hypot(x, y), 0, 1)
    shade = 1 - 0.62 * radius**2.2
    rgb = np.stack([26 * shade, 54 * shade, 104 * shade], 2)
    ground = Image.fromarray(rgb.astype(np.uint8))
    return dial(ground, (214, 216, 220), "ORLENNE", seconds=False)


@functools.cache
def dial_shell() -> Array:
    """Return the mother-of-pearl dial."""
    rgb = np.clip(textures.shell(), 0, 1) ** (1 / 2.2) * 255
    ground = Image.fromarray(rgb.astype(np.uint8)).resize((2048, 2048), Image.Resampling.BICUBIC)
    return dial(ground, (70, 74, 88), "ORLENNE", seconds=False)


@functools.cache
def dial_enamel() -> Array:
    """Return the desk clock's white enamel dial with its twelve Roman hours."""
    ground = Image.new("RGB", (2048, 2048), (243, 241, 234))
    draw = ImageDraw.Draw(ground)
    ink = (28, 27, 30)
    ticks(draw, (1024, 1024), 940, 975, 60, ink, 5)
    ticks(draw, (1024, 1024), 925, 975, 12, ink, 12)
    for index, hour in enumerate(
        ("XII", "I", "II", "III", "IIII", "V", "VI", "VII", "VIII", "IX", "X", "XI")
    ):
        tile = Image.new("L", (420, 260), 0)
        ImageDraw.Draw(tile).text((210, 130), hour, font=letters(168), fill=255, anchor="mm")
        turned = tile.rotate(-30 * index, expand=True, resample=Image.Resampling.BICUBIC)
        angle = np.radians(30 * index)
        place = (1024 + np.sin(angle) * 770, 1024 - np.cos(angle) * 770)
        corner = (int(place[0] - turned.width / 2), int(place[1] - turned.height / 2))
        ground.paste(ink, corner, turned)
    return linear(ground)


def frond(
    draw: ImageDraw.ImageDraw, root: tuple[float, float], angle: float, length: float, bend: float, ink: Ink
) -> None:
    """Draw one fern frond: a bending rib with leaflets that shorten towards the tip."""
    x, y = root
    count = 30
    for index in range(count):
        share = index / count
        step = length / count
        nx, ny = x + np.cos(angle) * step, y + np.sin(angle) * step
        draw.line([(x, y), (nx, ny)], fill=ink, width=max(2, int(9 * (1 - share))))
        reach = length * 0.25 * np.sin(np.pi * min(1.0, 0.12 + share * 0.9)) ** 0.8 * (1 - share * 0.35)
        for side in (-1, 1):
            leaflet(draw, (nx, ny), angle + side * (1.12 - 0.45 * share), reach, reach * 0.062 + 4, ink)
        x, y, angle = nx, ny, angle + bend / count


def leaflet(
    draw: ImageDraw.ImageDraw, root: tuple[float, float], angle: float, length: float, width: float, ink: Ink
) -> None:
    """Draw one pointed leaf."""
    t = np.linspace(0, 1, 12)
    half = np.sin(np.pi * t**0.8) * width
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    spine = np.array(root) + t[:, None] * length * along
    points = np.concatenate([spine + half[:, None] * across, (spine - half[:, None] * across)[::-1]])
    draw.polygon([tuple(point) for point in points], fill=ink)


def bordered(size: int, ground: Ink, bands: list[tuple[int, Ink]]) -> Image.Image:
    """Return a square with nested border bands, each (inset in pixels, colour)."""
    image = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(image)
    for inset, ink in bands:
        draw.rectangle([inset, inset, size - 1 - inset, size - 1 - inset], fill=ink)
    return image


@functools.cache
def herbier() -> Array:
    """Return the fern page: leaves and the shadows they left, inside a terracotta border."""
    size = 3072
    clay, ivory, sand, rust, olive = (
        (168, 78, 48),
        (240, 231, 213),
        (222, 202, 172),
        (142, 58, 36),
        (96, 92, 58),
    )
    image = bordered(size, clay, [(150, ivory), (168, clay), (182, ivory), (300, (234, 221, 197))])
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(41)
    ferns = [
        (820, 2700, -1.35, 2150, -0.55),
        (1540, 2740, -1.62, 2380, 0.30),
        (2300, 2690, -1.80, 2000, 0.65),
    ]
    small = [
        (480, 2500, -1.15, 1000, -0.5),
        (2660, 2460, -2.0, 1050, 0.5),
        (1200, 2730, -1.9, 1120, 0.5),
        (1930, 2720, -1.2, 1180, -0.4),
    ]
    for x, y, angle, length, bend in ferns + small:
        frond(draw, (x + 70, y + 40), angle, length, bend, sand)
    for (x, y, angle, length, bend), ink in zip(small, (olive, clay, rust, olive), strict=True):
        frond(draw, (x, y), angle, length, bend, ink)
    for (x, y, angle, length, bend), ink in zip(ferns, (rust, (64, 66, 46), clay), strict=True):
        frond(draw, (x, y), angle, length, bend, ink)
    for index in range(52):
        place = 75
        along = 150 + index * (size - 300) / 51
        for x, y, turn in (
            (along, place, 0),
            (along, size - place, 0),
            (place, along, 1.57),
            (size - place, along, 1.57),
        ):
            lean = turn + rng.uniform(-0.1, 0.1) + 0.7
            leaflet(draw, (x - np.cos(lean) * 34, y - np.sin(lean) * 34), lean, 68, 13, ivory)
    return linear(image.resize((2048, 2048), Image.Resampling.LANCZOS))


def bough(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    place: tuple[float, float],
    angle: float,
    length: float,
    wide: float,
    inks: list[Ink],
) -> None:
    """Draw a branch that forks and carries leaves at its ends."""
    x, y = place
    for _ in range(9):
        angle += rng.uniform(-0.16, 0.16)
        nx, ny = x + np.cos(angle) * length / 9, y + np.sin(angle) * length / 9
        draw.line([(x, y), (nx, ny)], fill=inks[0], width=max(2, int(wide)))
        if wide < 14:
            leaflet(
                draw,
                (nx, ny),
                angle + rng.choice([-1, 1]) * rng.uniform(0.5, 1.1),
                rng.uniform(70, 130),
                rng.uniform(13, 22),
                inks[rng.integers(1, len(inks))],
            )
        x, y, wide = nx, ny, wide * 0.97
    if length > 150:
        for turn in (rng.uniform(0.25, 0.6), -rng.uniform(0.25, 0.6)):
            bough(draw, rng, (x, y), angle + turn, length * rng.uniform(0.66, 0.82), wide * 0.66, inks)


@functools.cache
def nuit() -> Array:
    """Return the garden at night: pale branches left uncovered by midnight blue, and one white flower."""
    size = 3072
    night, dusk, pale = (18, 28, 58), (38, 58, 100), (196, 204, 206)
    image = bordered(size, (206, 196, 176), [(58, night), (190, (150, 160, 172)), (202, night)])
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(17)
    for x, angle in ((700, -1.4), (1500, -1.7), (2500, -1.75)):
        bough(draw, rng, (x, 2860), angle, 760, 40, [dusk, (46, 70, 112), (54, 84, 110), (40, 66, 92)])
    for x, angle in ((320, -1.15), (1960, -1.62)):
        bough(draw, rng, (x, 2868), angle, 820, 34, [pale, (160, 178, 180), (214, 214, 204), (122, 150, 158)])
    for petal in range(7):
        angle = petal * 2 * np.pi / 7
        leaflet(draw, (1180, 980), angle, 250, 78, (238, 234, 222))
    draw.ellipse([1130, 930, 1230, 1030], fill=(206, 164, 84))
    return linear(image.resize((2048, 2048), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.4)))


@functools.cache
def ruban() -> Array:
    """Return the ribbon: an ochre ground, a green chevron border and a running leaf, 256 by 4096 pixels."""
    image = Image.new("RGB", (512, 8192), (198, 142, 52))
    draw = ImageDraw.Draw(image)
    cream, green, rust = (240, 230, 206), (44, 78, 60), (158, 70, 38)
    draw.rectangle([0, 0, 46, 8192], fill=green)
    draw.rectangle([466, 0, 512, 8192], fill=green)
    draw.rectangle([58, 0, 66, 8192], fill=cream)
    draw.rectangle([446, 0, 454, 8192], fill=cream)
    for y in range(0, 8192, 170):
        side = 1 if (y // 170) % 2 else -1
        leaflet(draw, (256, y), np.pi / 2 - side * 0.75, 190, 36, green if side > 0 else rust)
        leaflet(draw, (256, y + 60), np.pi / 2 + side * 0.95, 120, 22, cream)
    wave = [(256 + 26 * np.sin(y / 170 * np.pi), y) for y in range(0, 8192, 8)]
    draw.line(wave, fill=cream, width=9)
    return linear(image.resize((256, 4096), Image.Resampling.LANCZOS))
