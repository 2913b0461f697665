"""Pictures in memory: how large they may be, made smaller, in sRGB, encoded."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from geo.errors import PhotoError
from layers.photo_formats import damaged

MAX_PIXELS = 40_000_000
LONG_SIDE = 2560
QUALITY = 85

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture of each EXIF orientation upright; 1 is."""


def check_size(width: int, height: int) -> None:
    """Raise `PhotoError` for a picture without extent or of more than 40 megapixels."""
    if width < 1 or height < 1:
        raise damaged(f"it has {width} × {height} pixels")
    if width * height > MAX_PIXELS:
        what = f"The photo has {width} × {height} pixels, more than {MAX_PIXELS // 1_000_000} megapixels."
        raise PhotoError(what, fix="Send a smaller one.")


def kept_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size at which a picture is kept: never larger than it was."""
    scale = min(1.0, LONG_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(image: Image.Image) -> Image.Image:
    """L, RGB or CMYK at the size it is kept; what is transparent becomes white."""
    plain = _plain(image)
    if plain.size != kept_size(plain.size):
        plain = plain.resize(kept_size(plain.size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if plain.mode != "RGBA":
        return plain
    white = Image.new("RGB", plain.size, "white")
    white.paste(plain, mask=plain.getchannel("A"))
    return white


def _plain(image: Image.Image) -> Image.Image:
    """One of the modes L, RGB, RGBA and CMYK."""
    image.load()
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip instead of scaling
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBa"):
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """In sRGB; a profile that is broken or made for another kind of picture is left out of account."""
    if icc:
        try:
            profile, srgb = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            turned = None
        image = image if turned is None else turned
    return image.convert("RGB")


def encoded(image: Image.Image) -> bytes:
    """A JPEG of the picture and of nothing that hung on it."""
    image.info.clear()  # Pillow writes a comment that it finds there
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
