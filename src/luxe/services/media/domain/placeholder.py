"""The house's own picture for one that is not there: a fine drawn frame on paper, lit from above."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1280, 1600)
_PAPER_TOP = (249, 247, 243)
_PAPER_FOOT = (236, 232, 224)
_INK = (150, 139, 120)
_SCALE = 2


def draw() -> bytes:
    """A WebP; the same bytes each time with the same encoder."""
    width, height = SIZE[0] * _SCALE, SIZE[1] * _SCALE
    paper = _paper(width, height)
    line = ImageDraw.Draw(paper)
    middle, centre = width // 2, int(height * 0.47)
    _shadow(paper, middle, int(height * 0.66))
    _lozenge(line, middle, centre, int(width * 0.17), 5)
    _lozenge(line, middle, centre, int(width * 0.135), 2)
    arm = int(width * 0.06)
    line.line([(middle - arm, centre), (middle + arm, centre)], fill=_INK, width=3)
    line.line([(middle, centre - arm), (middle, centre + arm)], fill=_INK, width=3)
    out = io.BytesIO()
    paper.resize(SIZE, Image.Resampling.LANCZOS).save(out, "WEBP", quality=88, method=4)
    return out.getvalue()


def _paper(width: int, height: int) -> Image.Image:
    slope = Image.linear_gradient("L").resize((width, height))
    paper = Image.composite(
        Image.new("RGB", (width, height), _PAPER_FOOT), Image.new("RGB", (width, height), _PAPER_TOP), slope
    )
    glow = (
        Image.radial_gradient("L")
        .point([max(0, 12 - value // 13) for value in range(256)])
        .resize((width, height))
    )
    light = Image.merge("RGB", (glow, glow, glow))
    return ImageChops.add(paper, light)


def _shadow(paper: Image.Image, x: int, y: int) -> None:
    reach = int(paper.width * 0.15)
    mask = Image.new("L", paper.size, 0)
    ImageDraw.Draw(mask).ellipse([x - reach, y - reach // 9, x + reach, y + reach // 9], fill=60)
    mask = mask.filter(ImageFilter.GaussianBlur(paper.width * 0.012))
    paper.paste(Image.new("RGB", paper.size, _INK), mask=mask)


def _lozenge(line: ImageDraw.ImageDraw, x: int, y: int, reach: int, width: int) -> None:
    tall = int(reach * 1.32)
    corners = [(x, y - tall), (x + reach, y), (x, y + tall), (x - reach, y), (x, y - tall)]
    line.line(corners, fill=_INK, width=width, joint="curve")
