"""A device's label for people, read off its user agent: `Safari on iPhone`."""

from __future__ import annotations

_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_LENGTH = 80
UNKNOWN = "Unknown device"


def label(agent: str) -> str:
    """Text that is no browser's user agent is its own label: `LUXE for Android`, `curl/8.5`."""
    text = " ".join("".join(char if char.isprintable() else " " for char in agent).split())
    if not text.startswith("Mozilla/"):
        return text[:_LENGTH].rstrip() or UNKNOWN
    browser = next((name for mark, name in _BROWSERS if mark in text), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    if not browser and not system:
        return UNKNOWN
    return f"{browser or 'Browser'} on {system}" if system else browser
