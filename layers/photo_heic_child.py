"""The process that decodes one HEIC from stdin to stdout: ``python -m layers.photo_heic_child``."""

from __future__ import annotations

import json
import resource
import sys

import pi_heif

from geo.errors import PhotoError
from layers.photo_formats import MAX_ICC, damaged
from layers.photo_pixels import check_size, shrunk

MEMORY_BYTES = 1_500_000_000  # 40 megapixels took a third of it
CPU_S = 20
# What pi_heif documents, and what its metadata do to Python's readers of them.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    MemoryError,
    LookupError,
    TypeError,
)


def main() -> None:
    """Answer with a line of JSON and the bytes it speaks of."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    out = sys.stdout.buffer
    try:
        answer = _decoded(sys.stdin.buffer.read())
    except PhotoError as error:
        answer = [json.dumps({"error": error.message, "fix": error.fix}).encode(), b"\n"]
    out.write(b"".join(answer))


def _decoded(data: bytes) -> list[bytes]:
    try:
        pictures = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
        main_one = pictures[pictures.primary_index]
        check_size(*main_one.size)
        image = shrunk(main_one.to_pillow())
    except _DECODER_ERRORS as error:
        raise damaged(str(error).strip() or type(error).__name__) from error
    pixels, exif = image.tobytes(), main_one.info.get("exif") or b""
    icc = main_one.info.get("icc_profile") or b""
    said = {
        "mode": image.mode,
        "size": image.size,
        "pixels": len(pixels),
        "exif": len(exif),
        "several": len(pictures) > 1,
    }
    return [json.dumps(said).encode(), b"\n", pixels, exif, icc[:MAX_ICC]]


if __name__ == "__main__":
    main()
