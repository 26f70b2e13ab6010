"""Every material of the house by name, for the renderer and for glTF alike; colours are linear RGB."""

from dataclasses import dataclass

import numpy as np

from demo.generator import prints, textures
from demo.generator.mesh import Array

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Finish:
    """How a surface answers light.

    ``kind`` is metal, gloss (a coat over a colour), hide, cloth, glass, heart (a liquid enclosed in
    glass), gem or lens (thin glass).
    ``drawing`` names a colour texture and ``relief`` a height texture; ``tile`` is the size in
    millimetres over which a drawing repeats when it is projected rather than laid out by the shape.
    """

    kind: str
    colour: Colour
    rough: float = 0.1
    ior: float = 1.5
    drawing: str | None = None
    relief: str | None = None
    depth: float = 0.0
    tile: float = 0.0


def leather(colour: Colour, rough: float = 0.42, tile: float = 46) -> Finish:
    """Return a grained calf of one colour; straps take a finer grain than bags."""
    return Finish("hide", colour, rough, relief="leather_grain", depth=1.3 * tile / 46, tile=tile)


FINISHES: dict[str, Finish] = {
    "yellow-gold": Finish("metal", (0.94, 0.66, 0.30), 0.09),
    "yellow-gold-satin": Finish("metal", (0.90, 0.63, 0.30), 0.24),
    "rose-gold": Finish("metal", (0.90, 0.56, 0.40), 0.09),
    "rose-gold-satin": Finish("metal", (0.86, 0.54, 0.39), 0.22),
    "steel": Finish("metal", (0.68, 0.67, 0.65), 0.08),
    "steel-satin": Finish("metal", (0.60, 0.59, 0.57), 0.26),
    "platinum": Finish("metal", (0.80, 0.79, 0.77), 0.06),
    "brass": Finish("metal", (0.86, 0.62, 0.30), 0.13),
    "brass-satin": Finish("metal", (0.80, 0.58, 0.29), 0.27),
    "blued": Finish("metal", (0.03, 0.06, 0.22), 0.12),
    "diamond": Finish("gem", (1, 1, 1), ior=2.417),
    "emerald": Finish("gem", (0.05, 0.66, 0.33), ior=1.58),
    "sapphire": Finish("gem", (0.10, 0.20, 0.86), ior=1.77),
    "sapphire-cabochon": Finish("gloss", (0.006, 0.02, 0.16), 0.02, ior=1.77),
    "pearl": Finish("gloss", (0.93, 0.885, 0.84), 0.12, ior=1.6),
    "ivory-dial": Finish("gloss", (0.86, 0.82, 0.73), 0.05, drawing="dial_ivory"),
    "blue-dial": Finish("gloss", (0.01, 0.03, 0.10), 0.09, drawing="dial_blue"),
    "onyx": Finish("gloss", (0.006, 0.006, 0.007), 0.03),
    "shell": Finish("gloss", (0.85, 0.82, 0.8), 0.06, drawing="dial_shell"),
    "enamel-dial": Finish("gloss", (0.88, 0.87, 0.84), 0.05, drawing="dial_enamel"),
    "leather-tobacco": leather((0.17, 0.070, 0.028), tile=26),
    "leather-cognac": leather((0.33, 0.115, 0.033)),
    "leather-cognac-edge": Finish("gloss", (0.16, 0.05, 0.015), 0.25),
    "leather-forest": leather((0.014, 0.055, 0.034)),
    "leather-forest-edge": Finish("gloss", (0.008, 0.03, 0.02), 0.25),
    "leather-burgundy": Finish(
        "hide", (0.135, 0.008, 0.018), 0.30, relief="leather_grain", depth=0.45, tile=46
    ),
    "leather-chalk": leather((0.92, 0.87, 0.78)),
    "leather-chalk-edge": Finish("gloss", (0.66, 0.57, 0.47), 0.3),
    "leather-black": leather((0.010, 0.010, 0.011), 0.38, tile=18),
    "leather-grey": leather((0.21, 0.20, 0.195), tile=18),
    "leather-ink": leather((0.010, 0.018, 0.045)),
    "leather-tobacco-edge": Finish("gloss", (0.05, 0.018, 0.008), 0.3),
    "thread-cream": Finish("gloss", (0.74, 0.66, 0.52), 0.5),
    "thread-tobacco": Finish("gloss", (0.22, 0.11, 0.05), 0.5),
    "thread-dark": Finish("gloss", (0.03, 0.03, 0.03), 0.5),
    "thread-grey": Finish("gloss", (0.36, 0.35, 0.34), 0.5),
    "thread-forest": Finish("gloss", (0.05, 0.12, 0.08), 0.5),
    "tortoise": Finish("gloss", (0.2, 0.07, 0.02), 0.045, drawing="tortoise", tile=58),
    "acetate-black": Finish("gloss", (0.007, 0.007, 0.008), 0.035),
    "gilt-titanium": Finish("metal", (0.88, 0.68, 0.40), 0.14),
    "lens-brown": Finish("lens", (0.24, 0.125, 0.06), ior=1.5),
    "lens-green": Finish("lens", (0.10, 0.20, 0.13), ior=1.5),
    "lens-grey": Finish("lens", (0.11, 0.11, 0.125), ior=1.5),
    "silicone": Finish("lens", (0.9, 0.9, 0.88), ior=1.3),
    "silk-herbier": Finish("cloth", (0.6, 0.3, 0.2), 0.38, drawing="herbier", relief="twill", depth=0.15),
    "silk-nuit": Finish("cloth", (0.02, 0.04, 0.12), 0.36, drawing="nuit", relief="twill", depth=0.15),
    "silk-ruban": Finish("cloth", (0.5, 0.3, 0.05), 0.36, drawing="ruban", relief="twill", depth=0.15),
    "porcelain": Finish("gloss", (0.84, 0.83, 0.80), 0.04),
    "bisque": Finish("gloss", (0.83, 0.81, 0.77), 0.55),
    "celadon": Finish("gloss", (0.40, 0.53, 0.45), 0.05),
    "kintsugi": Finish("metal", (0.92, 0.64, 0.26), 0.2),
    "wax": Finish("gloss", (0.84, 0.79, 0.68), 0.32),
    "wick": Finish("gloss", (0.6, 0.55, 0.45), 0.6),
    "glass": Finish("glass", (0.985, 0.99, 0.985), ior=1.5),
    "amber-heart": Finish("heart", (0.80, 0.36, 0.07), ior=1.36),
    "rose-heart": Finish("heart", (0.96, 0.70, 0.62), ior=1.36),
    "green-heart": Finish("heart", (0.62, 0.86, 0.62), ior=1.46),
    "green-glass": Finish("glass", (0.13, 0.58, 0.34), ior=1.52),
    "resin-black": Finish("gloss", (0.006, 0.006, 0.007), 0.04),
    "resin-lapis": Finish("gloss", (0.01, 0.03, 0.16), 0.04, drawing="lapis", tile=40),
    "card": Finish("gloss", (0.80, 0.77, 0.70), 0.6),
    "travertine": Finish("gloss", (0.66, 0.58, 0.47), 0.5, drawing="travertine", tile=420),
    "plaster": Finish("gloss", (0.74, 0.70, 0.64), 0.7),
    "clay": Finish("gloss", (0.27, 0.185, 0.135), 0.6),
    "moss": Finish("gloss", (0.125, 0.145, 0.11), 0.7),
    "night": Finish("gloss", (0.030, 0.028, 0.030), 0.5),
    "linen": Finish("gloss", (0.70, 0.66, 0.58), 0.8),
}


def picture(name: str) -> Array:
    """Return the named drawing or relief as a float array, linear."""
    room = textures if hasattr(textures, name) else prints
    return np.asarray(getattr(room, name)(), np.float32)
