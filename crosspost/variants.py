"""An article's image as one network takes it: size, ratio, format and bytes, without what a camera wrote into it.

The same image and limits give the same bytes. Every variant is written anew from the pixels: position, device, comments
and thumbnails of the original are not in it. An animation becomes its first picture. The only file that imports Pillow.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageCms, ImageOps

from crosspost.domain.errors import BadInput
from crosspost.domain.limits import ImageLimits

MAX_PIXELS = 50_000_000  # 150 MB when unpacked; a small file can claim any size
LONGEST = 4096  # pixels: no network shows more
MOST_BYTES = 10_000_000  # where the network names no limit
SMALLEST = 200  # pixels of the shorter side: below, bytes are not saved by shrinking further
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_QUALITIES = (90, 85, 80, 75, 70)
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that was read whole: its pixels in sRGB, upright. `drawn`: it came as PNG or GIF, whose edges JPEG
    blurs. `notes` say what had to be left out or guessed."""

    pixels: Image.Image
    drawn: bool
    alt: str
    where: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    content: bytes
    media_type: str
    width: int
    height: int
    notes: tuple[str, ...]


def opened(content: bytes, alt: str, where: str) -> Picture:
    """Read an image whole. Raises BadInput, naming `where`, for what is no image, damaged, or unpacks to too much."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit is higher than ours, which is checked below
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError:
        raise _too_large(where) from None
    except Exception:  # decoders of hostile bytes raise whatever they stumble over
        raise BadInput(
            "is not a PNG, JPEG, GIF or WebP image, or its beginning is damaged", where=where, remedy="convert it"
        ) from None
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(where)
    notes = []
    drawn = image.format in ("PNG", "GIF")
    if getattr(image, "is_animated", False):
        notes.append("the image is animated: its first picture is used")
    try:
        image.draft("RGB", (LONGEST, LONGEST))  # a large JPEG is unpacked at half its size, or less
        image.load()
        upright = ImageOps.exif_transpose(image)
        pixels, unread = _srgb(upright)
    except Exception:
        raise BadInput("the image is damaged or incomplete", where=where, remedy="save it again") from None
    if unread:
        notes.append("the image's colour profile cannot be read: its colours are taken for sRGB")
    return Picture(pixels, drawn, alt, where, tuple(notes))


def _too_large(where: str) -> BadInput:
    most = MAX_PIXELS // 1_000_000
    return BadInput(f"the image has more than {most} million pixels", where=where, remedy="make it smaller")


def _srgb(image: Image.Image) -> tuple[Image.Image, bool]:
    """The pixels as RGB, or RGBA where any of them shows what is behind; and whether a profile could not be read."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode.startswith("I"):  # sixteen bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    unread = False
    rgb = None
    if profile := image.info.get("icc_profile"):
        try:
            base = image if image.mode in ("RGB", "CMYK", "L") else image.convert("RGB")
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            rgb = ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            unread = True
    rgb = rgb or image.convert("RGB")
    clean = Image.new("RGB", rgb.size)
    clean.paste(rgb)  # nothing but pixels: what hangs on an image is written along otherwise
    if alpha is not None and alpha.getextrema() != (255, 255):
        clean.putalpha(alpha)
    return clean, unread


def variant(picture: Picture, limits: ImageLimits, most_bytes: int | None) -> Variant:
    """The image within the limits: made smaller, never larger; padded with white, never cut. Raises BadInput."""
    most = most_bytes or MOST_BYTES
    notes = list(picture.notes)
    pixels = picture.pixels
    transparent = pixels.mode == "RGBA"
    as_png = "image/png" in limits.kinds and (transparent or picture.drawn)
    if transparent and not as_png:
        notes.append("what is transparent in the image becomes white")
    size = _fitting(pixels.size, limits)
    if _canvas(size, limits) != size:
        low, high = limits.ratio or (0.0, 0.0)
        notes.append(f"the image gets white margins: its ratio must lie between {low:.2f} and {high:.2f}")
    if limits.advised and not 0.9 < size[0] / size[1] / limits.advised < 1.1:
        this = size[0] / size[1]
        notes.append(f"an image {limits.advised:.2f} times as wide as high is shown best, this one is {this:.2f}")
    while True:
        drawn = _drawn(pixels, size, limits, keep_alpha=as_png)
        for content, kind in _written(drawn, as_png=as_png):
            if len(content) <= most:
                return Variant(content, kind, drawn.width, drawn.height, tuple(notes))
        if min(size) * 0.85 < min(SMALLEST, *pixels.size):
            raise BadInput(
                f"the image cannot be brought below {most} bytes", where=picture.where, remedy="use another one"
            )
        size = (round(size[0] * 0.85), round(size[1] * 0.85))


def _fitting(size: tuple[int, int], limits: ImageLimits) -> tuple[int, int]:
    """The size at which the image with its margins is within the limits: at most its own."""
    scale = 1.0
    while True:
        shrunk = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        width, height = _canvas(shrunk, limits)
        over = max(
            width / (limits.widest or width),
            max(width, height) / min(LONGEST, limits.longest or LONGEST),
            (width * height / (limits.pixels or MAX_PIXELS)) ** 0.5,
        )
        if over <= 1:
            return shrunk
        scale = min(scale / over, scale * 0.9995)  # always a little, so that rounding cannot hold it up


def _canvas(size: tuple[int, int], limits: ImageLimits) -> tuple[int, int]:
    """The image with the margins that its ratio asks for."""
    width, height = size
    if limits.ratio is None:
        return size
    low, high = limits.ratio
    if width / height < low:
        return ceil(height * low), height
    if width / height > high:
        return width, ceil(width / high)
    return size


def _drawn(pixels: Image.Image, size: tuple[int, int], limits: ImageLimits, *, keep_alpha: bool) -> Image.Image:
    shrunk = pixels if pixels.size == size else pixels.resize(size, Image.Resampling.LANCZOS)
    canvas = _canvas(size, limits)
    if shrunk.mode == "RGBA" and keep_alpha and canvas == size:
        return shrunk
    if shrunk.mode == "RGB" and canvas == size:
        return shrunk
    whole = Image.new("RGB", canvas, _WHITE)
    at = (canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2
    whole.paste(shrunk, at, shrunk if shrunk.mode == "RGBA" else None)
    return whole


def _written(image: Image.Image, *, as_png: bool) -> Iterator[tuple[bytes, str]]:
    """The files it can be, the best first. JPEG last: each one smaller than the one before it, and opaque."""
    if as_png:
        yield _file(image, "PNG", compress_level=9), "image/png"
        if image.mode == "RGBA":
            return
    for quality in _QUALITIES:
        yield _file(image, "JPEG", quality=quality, optimize=True, subsampling="4:2:0"), "image/jpeg"


def _file(image: Image.Image, form: str, **how: int | str) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()
