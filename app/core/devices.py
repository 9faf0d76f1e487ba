"""What a person sees of a device in the list of sessions: "Firefox, Linux"."""

import re

# The first that fits: most browsers name others too (RFC 9110, 10.1.5).
_BROWSERS = (
    ("Edge", "Edg(e|A|iOS)?/"),
    ("Opera", "OPR/|Opera"),
    ("Samsung Internet", "SamsungBrowser/"),
    ("Firefox", "Firefox/|FxiOS/"),
    ("Chrome", "Chrome/|CriOS/|Chromium/"),
    ("Safari", "Safari/"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Macintosh|Mac OS X"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux|X11"),
)
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}(?=/)", re.ASCII)
_LONGEST = 500


def device(user_agent: str) -> str | None:
    """Browser and system of a User-Agent, or the name of a program; None if it says neither."""
    text = user_agent[:_LONGEST]
    found = [
        next((name for name, pattern in known if re.search(pattern, text)), None)
        for known in (_BROWSERS, _SYSTEMS)
    ]
    if not any(found) and (program := _PROGRAM.match(text)) and program[0] != "Mozilla":
        return program[0]
    return ", ".join(filter(None, found)) or None
