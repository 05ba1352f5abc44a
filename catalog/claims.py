"""Words about the environment that need a proof before they may stand in an offer.

Since 27 September 2026 a general environmental claim without recognised excellent performance that
is relevant to it is unfair in any case. Source: Directive (EU) 2024/825, annex, no. 4a; UWG, annex
to section 3 (3). Both languages are looked at; the words are those of its recital 9 and their kin.
"""

import re

_GERMAN = (
    r"umwelt-?(?:freundlich|schonend|gerecht|bewusst|verträglich)\w*",
    r"klima-?(?:neutral|freundlich|schonend|positiv)\w*",
    r"co2-?(?:neutral|frei|positiv)\w*",
    r"nachhaltig\w*",
    r"ökologisch\w*",
    r"öko(?:freundlich)?",
    r"biologisch abbaubar\w*",
    r"biobasiert\w*",
    r"naturfreundlich\w*",
    r"energieeffizient\w*",
)
_ENGLISH = (
    r"environmentally (?:friendly|correct|sound)",
    r"eco-?friendly",
    r"ecological\w*",
    r"(?:climate|carbon)[- ](?:neutral|friendly|positive)",
    r"sustainable",
    r"sustainably",
    r"biodegradable",
    r"bio-?based",
    r"energy[- ]efficient",
    r"gentle on the environment",
)
_CLAIM = re.compile(rf"(?<!\w)(?:{'|'.join((*_GERMAN, *_ENGLISH))})(?!\w)", re.IGNORECASE)


def unproved(*texts: str) -> list[str]:
    """Return the claims that occur in texts, in lower case, each once, in their order."""
    found = (claim.group().lower() for text in texts for claim in _CLAIM.finditer(text))
    return list(dict.fromkeys(found))
