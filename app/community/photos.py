"""Customers' photographs: read with suspicion, written anew without anything but the picture.

A file from outside is decoded and encoded again. What the camera wrote into it (place, time, serial
number) is gone, and so is whatever else was hidden in it.
"""

import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.community.campaigns import Card
from app.community.models import Photo
from kit import clock
from kit.errors import Invalid, Refused
from kit.ids import new_id

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_AT_ONCE = 5
MOST_OF_A_CARD = 20
MOST_BYTES = 16 * 1024 * 1024
# Beyond any telephone's usual picture; decoded it would take 150 MB.
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2000
SMALL_SIDE = 640
CAPTION_LENGTH = 200
_QUALITY = 84
_SMALL = "-small.jpg"
_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}


@dataclass(frozen=True)
class Picture:
    """A photograph in our own JPEG, in the size that is shown and as a preview."""

    large: bytes
    small: bytes
    width: int
    height: int


def read(stream: BinaryIO) -> Picture:
    """Decode a photograph from outside and encode it anew.

    Args:
        stream: the file as it was sent; nothing about it is believed.

    Raises:
        Invalid: ``photo_size`` (bytes), ``photo_pixels``, or ``photo`` when it is no picture.
    """
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Invalid("photo_size", most=MOST_BYTES)
    try:
        with warnings.catch_warnings():
            # Pillow's own limit lies above ours, which is checked before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_pixels(image)
                return _encode(image)
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise Invalid("photo_pixels", most=MOST_PIXELS) from None
    except Exception as error:
        # A hostile file makes a decoder stumble in any way it likes: it is no picture, then.
        raise Invalid("photo") from error


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Invalid("photo_pixels", most=MOST_PIXELS)


def _encode(image: Image.Image) -> Picture:
    # A JPEG can be decoded at half or a quarter of its size, which spares most of the memory.
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    plain = _in_srgb(_flat(upright), profile)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    large = _jpeg(plain)
    width, height = plain.size
    plain.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(large, _jpeg(plain), width, height)


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture as RGB; what was transparent becomes white."""
    if image.mode not in _ALPHA and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in the colours that a browser assumes; telephones use wider ones."""
    if not profile:
        return image
    try:
        wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, wide, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _jpeg(image: Image.Image) -> bytes:
    # A new image: nothing of what the old one carried beside its pixels comes along.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    encoded = io.BytesIO()
    bare.save(encoded, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return encoded.getvalue()


def keep(
    session: Session,
    card: Card,
    pictures: Sequence[Picture],
    *,
    caption: str,
    rights_text: str,
    folder: Path,
) -> list[Photo]:
    """Store photographs of a card; nobody else sees them before the back office has.

    Args:
        session: the open transaction.
        card: by which they came.
        pictures: what `read` made of the files.
        caption: what the customer says about them; may be empty.
        rights_text: the consent, word for word as it was given.
        folder: where what customers send us lies.

    Raises:
        Refused: ``photos_full`` with how many a card may have.
        OSError: a file could not be written; none is left behind.
    """
    sent = session.scalar(select(func.count()).where(Photo.insert_id == card.insert.id)) or 0
    if sent + len(pictures) > MOST_OF_A_CARD:
        raise Refused("photos_full", most=MOST_OF_A_CARD, sent=sent)
    now = clock.now()
    rows = [
        Photo(
            id=(photo_id := new_id()),
            insert_id=card.insert.id,
            campaign=card.campaign.code,
            path=f"photos/{photo_id}.jpg",
            caption=caption[:CAPTION_LENGTH],
            rights_text=rights_text,
            rights_at=now,
            width=picture.width,
            height=picture.height,
        )
        for picture in pictures
    ]
    session.add_all(rows)
    session.flush()
    _write(folder, rows, pictures)
    return rows


def _write(folder: Path, rows: Sequence[Photo], pictures: Sequence[Picture]) -> None:
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    try:
        for row, picture in zip(rows, pictures, strict=True):
            (folder / row.path).write_bytes(picture.large)
            (folder / small_path(row.path)).write_bytes(picture.small)
    except OSError:
        erase(folder, [row.path for row in rows])
        raise


def small_path(path: str) -> str:
    """Return where the preview of a photograph lies."""
    return path.removesuffix(".jpg") + _SMALL


def of_card(session: Session, card: Card) -> int:
    """Return how many photographs of a card we hold."""
    return session.scalar(select(func.count()).where(Photo.insert_id == card.insert.id)) or 0


def shown(session: Session, campaign: str, limit: int = 12) -> list[Photo]:
    """Return the photographs of a campaign that the back office has released, newest first."""
    query = select(Photo).where(Photo.campaign == campaign, Photo.state == "shown")
    return list(session.scalars(query.order_by(Photo.rights_at.desc(), Photo.id).limit(limit)))


def take_back(session: Session, card: Card) -> list[str]:
    """Forget a card's photographs: the consent is withdrawn (GDPR article 7 (3)).

    Returns:
        The paths to `erase` once this is committed.
    """
    rows = session.scalars(select(Photo).where(Photo.insert_id == card.insert.id)).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return [row.path for row in rows]


def erase(folder: Path, paths: Iterable[str]) -> None:
    """Remove the files of photographs."""
    for path in paths:
        for name in (path, small_path(path)):
            (folder / name).unlink(missing_ok=True)
