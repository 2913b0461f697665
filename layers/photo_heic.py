"""HEIC, decoded in a child process: its decoder can be made to break the process it runs in."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import layers
from geo.errors import PhotoError
from layers.photo_formats import damaged

CHILD = "layers.photo_heic_child"
WALL_S = 30.0


@dataclass(frozen=True, slots=True)
class HeicPicture:
    """The main picture of a HEIC: upright, at the size it is kept, not yet in sRGB."""

    image: Image.Image
    exif: bytes
    icc: bytes
    first_of_several: bool


def decode_heic(data: bytes) -> HeicPicture:
    """The main picture, decoded with bounded memory and time; turned as the file says (``irot``, ``imir``).

    Raises:
        PhotoError: damaged, too large, too slow, or deadly to its decoder.
    """
    command = [sys.executable, "-P", "-B", "-m", CHILD]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, env=_environment(), timeout=WALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise damaged(f"decoding it took more than {WALL_S:g} seconds") from None
    if done.returncode:
        raise damaged("its decoder could not go on")
    return _answer(done.stdout)


def _environment() -> dict[str, str]:
    """All that the child learns of ours."""
    house = str(Path(layers.__file__).parents[1])
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": house, "MALLOC_ARENA_MAX": "2"}


def _answer(stdout: bytes) -> HeicPicture:
    """A line of JSON, the pixels, the EXIF block and the profile."""
    head, _, body = stdout.partition(b"\n")
    said = json.loads(head)
    if "error" in said:
        raise PhotoError(said["error"], fix=said["fix"])
    pixels, exif = said["pixels"], said["pixels"] + said["exif"]
    image = Image.frombytes(said["mode"], tuple(said["size"]), body[:pixels])
    return HeicPicture(image, body[pixels:exif], body[exif:], said["several"])
