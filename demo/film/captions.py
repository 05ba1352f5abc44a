"""WebVTT tracks of the film: captions in German and English, chapters in German."""

from __future__ import annotations

from pathlib import Path

from demo.film.script import starts

NAME = "barsche-mit-gummi"


def stamp(seconds: float) -> str:
    """Return a WebVTT time, hours included."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def track(language: str) -> str:
    """Return the caption track in `de` or `en`."""
    cues = []
    for at, chapter in starts():
        for start, end, german, english in chapter.captions:
            text = german if language == "de" else english
            cues.append(f"{stamp(at + start)} --> {stamp(at + end)}\n{text}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def chapters(language: str) -> str:
    """Return the chapter track in `de` or `en`."""
    cues = []
    for at, chapter in starts():
        text = chapter.de if language == "de" else chapter.en
        cues.append(f"{stamp(at)} --> {stamp(at + chapter.seconds)}\n{text}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def write(folder: Path) -> list[Path]:
    """Write all tracks into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        f"{NAME}.de.vtt": track("de"),
        f"{NAME}.en.vtt": track("en"),
        f"{NAME}.chapters.de.vtt": chapters("de"),
        f"{NAME}.chapters.en.vtt": chapters("en"),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
