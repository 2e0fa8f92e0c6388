"""Images as each network takes them: within every limit, without what a camera wrote, the same bytes each time."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from crosspost.domain.errors import BadInput
from crosspost.domain.limits import ImageLimits
from crosspost.networks import connectors, postable
from crosspost.variants import MAX_PIXELS, Variant, opened, variant

CANARY = "CANARY-48.8566N-2.3522E"
OPEN = ImageLimits()


def file(image: Image.Image, form: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def photo(width: int = 640, height: int = 480, form: str = "JPEG", **how: Any) -> bytes:
    return file(Image.linear_gradient("L").resize((width, height)).convert("RGB"), form, **how)


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))


def made(content: bytes, limits: ImageLimits = OPEN, most: int | None = None) -> Variant:
    return variant(opened(content, "", "photo"), limits, most)


def shown(one: Variant) -> Image.Image:
    image = Image.open(io.BytesIO(one.content))
    image.load()
    assert image.size == (one.width, one.height)
    assert Image.MIME[str(image.format)] == one.media_type
    return image


@pytest.mark.parametrize("name", connectors())
@given(st.integers(1, 2600), st.integers(1, 2600), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_network_gets_what_it_takes(name: str, width: int, height: int, form: str) -> None:
    limits = postable(name).limits
    one = made(photo(width, height, form), limits.image, limits.image_bytes)
    shown(one)
    rules = limits.image
    assert one.media_type in rules.kinds
    assert len(one.content) <= (limits.image_bytes or 10_000_000)
    assert one.width <= (rules.widest or one.width)
    assert max(one.width, one.height) <= (rules.longest or 4096)
    assert one.width * one.height <= (rules.pixels or MAX_PIXELS)
    low, high = rules.ratio or (0.0, 1e9)
    assert low <= one.width / one.height <= high


def test_nothing_of_the_camera_is_left_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lie on its side
    exif[0x010E] = CANARY
    exif.get_ifd(0x8825)[1] = "N"
    left_red = Image.new("RGB", (40, 20), "blue")
    left_red.paste("red", (0, 0, 20, 20))
    content = file(left_red, "JPEG", exif=exif, comment=CANARY.encode(), quality=95)
    assert CANARY.encode() in content
    one = made(content)
    image = shown(one)
    assert image.size == (20, 40)
    top, bottom = image.getpixel((10, 4)), image.getpixel((10, 36))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]
    for mark in (CANARY.encode(), b"Exif", b"ICC_PROFILE", b"<x:xmpmeta"):
        assert mark not in one.content


def test_text_in_a_png_goes_too() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", CANARY)
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{CANARY}")
    content = file(Image.new("RGB", (9, 9)), pnginfo=info)
    assert CANARY.encode() in content
    assert CANARY.encode() not in made(content).content


def test_the_same_image_gives_the_same_bytes() -> None:
    content = file(noise(300, 200))
    for name in connectors():
        limits = postable(name).limits
        first, second = (made(content, limits.image, limits.image_bytes) for _ in range(2))
        assert first == second


def test_bytes_are_saved_by_quality_then_by_size() -> None:
    image = noise(900, 700)
    content = file(image)
    whole, smaller, tiny = (made(content, OPEN, most) for most in (5_000_000, 700_000, 60_000))
    assert (whole.media_type, whole.width) == ("image/png", 900)
    assert (smaller.media_type, smaller.width) == ("image/jpeg", 900)
    assert len(smaller.content) <= 700_000
    assert tiny.width < 900
    assert len(tiny.content) <= 60_000
    with pytest.raises(BadInput, match=r"photo: .*below 900 bytes — use another"):
        made(content, OPEN, 900)


def test_transparency_is_kept_where_a_png_is_taken_and_white_elsewhere() -> None:
    content = file(Image.new("RGBA", (60, 60), (200, 0, 0, 0)))
    assert shown(made(content)).getpixel((5, 5)) == (200, 0, 0, 0)
    flat = made(content, ImageLimits(kinds=("image/jpeg",)))
    assert shown(flat).convert("L").getpixel((5, 5)) == 255
    assert any("white" in note for note in flat.notes)
    solid = made(file(Image.new("RGBA", (60, 60), (200, 0, 0, 255))))
    assert shown(solid).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "YCbCr", "RGB", "RGBA"])
def test_every_kind_of_pixels_comes_out_in_colour(mode: str) -> None:
    form = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    grey = Image.new("L", (50, 50), 180)
    deep = Image.frombytes("I;16", (50, 50), struct.pack("<H", 180 * 257) * 2500)
    image = deep if mode == "I;16" else grey.convert(mode)
    one = shown(made(file(image, form))).convert("RGB")
    value = one.getpixel((25, 25))
    assert isinstance(value, tuple)
    wanted = 255 if mode == "1" else 180
    assert all(abs(part - wanted) <= 75 if mode == "1" else abs(part - wanted) <= 3 for part in value)


def test_colours_of_another_profile_are_brought_to_srgb() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * profile[131], 12)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    pixel = shown(made(file(Image.new("RGB", (20, 20), (255, 0, 0)), icc_profile=bytes(profile)))).getpixel((9, 9))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 200 > 60 > pixel[0], "its red is our green"
    odd = made(file(Image.new("RGB", (20, 20), (255, 0, 0)), icc_profile=b"no profile"))
    assert shown(odd).getpixel((9, 9)) == (255, 0, 0)
    assert any("profile" in note for note in odd.notes)


def test_an_animation_becomes_its_first_picture_and_that_is_said() -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    one = made(file(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert shown(one).convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    assert any("animated" in note for note in one.notes)


def test_instagram_pads_and_cuts_nothing() -> None:
    limits = postable("instagram").limits.image
    one = made(photo(3000, 500), limits)
    assert 1.90 < one.width / one.height <= 1.91
    image = shown(one)
    assert image.getpixel((one.width // 2, 2)) == (255, 255, 255)
    assert any("margins" in note for note in one.notes)
    assert made(photo(1080, 1350), limits).notes == ()


def test_pinterest_advises() -> None:
    limits = postable("pinterest").limits.image
    assert made(photo(1000, 1500), limits).notes == ()
    assert any("0.67" in note for note in made(photo(1500, 1000), limits).notes)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


WHOLE_JPEG, WHOLE_PNG = photo(), file(noise(64, 64))


@pytest.mark.parametrize(("content", "says"), [
    (b"", "is not a PNG"), (b"<!doctype html><p>404", "is not a PNG"), (b"<svg/>", "is not a PNG"),
    (b"GIF89a", "is not a PNG"), (b"\xff\xd8\xff\xe0" + bytes(40), "is not a PNG"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "is not a PNG"),
    (b"%PDF-1.7", "is not a PNG"), (file(Image.new("RGB", (8, 8)), "TIFF"), "is not a PNG"),
    (WHOLE_JPEG[: len(WHOLE_JPEG) // 2], "damaged or incomplete"), (WHOLE_PNG[: len(WHOLE_PNG) // 2], "damaged"),
    (bomb(20_000, 20_000), "more than 50 million pixels"), (bomb(2**31 - 1, 2**31 - 1), "million pixels"),
    (bomb(7000, 7000), "damaged"), (bomb(0, 0), "image"),
], ids=range(14))  # fmt: skip
def test_what_is_no_usable_image_is_refused_with_its_name_and_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        opened(content, "", "photo.jpg")
    assert caught.value.where == "photo.jpg"
    assert caught.value.remedy


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_gets_through_as_anything_but_a_refusal(data: st.DataObject) -> None:
    whole = [WHOLE_JPEG[:4000], WHOLE_PNG, photo(20, 20, "GIF"), photo(9, 9, "WEBP")]
    content = bytearray(data.draw(st.sampled_from(whole)))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        one = made(bytes(content))
    except BadInput as refusal:
        assert refusal.remedy  # noqa: PT017
    else:
        shown(one)
