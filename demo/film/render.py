"""Renders the film: frames from SVG, encoded as WebM (VP9) and MP4 (H.264), with poster and tracks.

`python -m demo.film.render FOLDER [--only SECOND …]`. Needs resvg-py, imageio-ffmpeg, fonttools and
brotli, which are tools of this module alone and not in requirements (see README.md).
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import resvg_py
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from PIL import Image

from demo.film import captions, fishing, hooks, opening
from demo.film.script import SECONDS, starts
from demo.film.stage import HEIGHT, WIDTH, frame

RATE = 12
FONTS = Path(__file__).parents[2] / "static" / "fonts"
DRAW = {
    "title": opening.title,
    "lure": opening.lure,
    "knot": opening.knot,
    "cast": fishing.cast,
    "jig": fishing.jig,
    "bite": fishing.bite,
    "release": fishing.release,
    "hooks": hooks.chapter,
}
POSTER_AT = 4.0


def fonts(folder: Path) -> list[str]:
    """Write the two house fonts as plain TTF at weight 600; return their paths."""
    written = []
    for name, family in (
        ("source-serif-4", "Source Serif 4"),
        ("hanken-grotesk", "Hanken Grotesk"),
    ):
        font = TTFont(FONTS / f"{name}.woff2")
        font.flavor = None
        limits = {
            axis.axisTag: 600 if axis.axisTag == "wght" else axis.defaultValue
            for axis in font["fvar"].axes
        }
        plain = instantiateVariableFont(font, limits)
        for name_id in (1, 16):
            plain["name"].setName(family, name_id, 3, 1, 0x409)
        plain.save(folder / f"{name}.ttf")
        written.append(str(folder / f"{name}.ttf"))
    return written


def drawing(second: float) -> str:
    """Return the frame at a second of the film as SVG."""
    for at, chapter in reversed(starts()):
        if second >= at:
            return frame(DRAW[chapter.key](second - at))
    raise ValueError(second)


def raster(svg: str, font_files: list[str]) -> Image.Image:
    """Return a frame as an RGB image of the film's size."""
    data = resvg_py.svg_to_bytes(svg_string=svg, font_files=font_files, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data))).convert("RGB")


def frames(font_files: list[str]) -> Iterator[bytes]:
    """Yield all frames as raw RGB."""
    for i in range(SECONDS * RATE):
        yield raster(drawing(i / RATE), font_files).tobytes()


def encode(raw: Path, target: Path, options: list[str]) -> None:
    """Encode raw frames into `target`; a two-pass encoder is run twice."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    source = [
        ffmpeg,
        "-y",
        "-loglevel",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{WIDTH}x{HEIGHT}",
        "-r",
        str(RATE),
        "-i",
        str(raw),
        "-an",
        "-pix_fmt",
        "yuv420p",
        "-g",
        str(RATE * 12),
        *options,
    ]
    log = str(raw.with_suffix(".log"))
    subprocess.run([*source, "-pass", "1", "-passlogfile", log, "-f", "null", "-"], check=True)
    subprocess.run([*source, "-pass", "2", "-passlogfile", log, str(target)], check=True)


WEBM = ["-c:v", "libvpx-vp9", "-b:v", "38k", "-row-mt", "1", "-deadline", "good", "-cpu-used", "2"]
MP4 = [
    "-c:v",
    "libx264",
    "-profile:v",
    "high",
    "-preset",
    "slow",
    "-tune",
    "animation",
    "-b:v",
    "40k",
    "-movflags",
    "+faststart",
]


def build(folder: Path) -> None:
    """Write film, poster and tracks into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    captions.write(folder)
    with tempfile.TemporaryDirectory() as scratch:
        font_files = fonts(Path(scratch))
        poster = raster(drawing(POSTER_AT), font_files)
        poster.save(folder / f"{captions.NAME}.webp", quality=82)
        poster.save(folder / f"{captions.NAME}.jpg", quality=82, optimize=True)
        raw = Path(scratch) / "frames.rgb"
        with raw.open("wb") as out:
            for i, data in enumerate(frames(font_files)):
                out.write(data)
                if i % (RATE * 10) == 0:
                    print(f"{i // RATE:3d} of {SECONDS} s drawn", flush=True)
        encode(raw, folder / f"{captions.NAME}.mp4", MP4)
        encode(raw, folder / f"{captions.NAME}.webm", WEBM)


def main() -> None:
    """Read the command line; with --only write single frames as PNG instead of the film."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", type=float, nargs="*", help="seconds to write as PNG")
    asked = parser.parse_args()
    if asked.only is None:
        build(asked.folder)
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        font_files = fonts(Path(scratch))
        for second in asked.only:
            raster(drawing(second), font_files).save(asked.folder / f"{second:06.1f}.png")


if __name__ == "__main__":
    main()
