"""Real pictures and recordings for tests, made from nothing."""

from __future__ import annotations

import io
import struct
import wave
import zlib

from PIL import Image

# A second of an MP3: 128 kbit/s at 44.1 kHz is 417 bytes a frame, of 1152 samples.
_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
_FRAMES_A_SECOND = 44_100 / 1_152


def draw_picture(width: int, height: int, kind: str = "PNG", **options: object) -> bytes:
    """Return a picture of one colour."""
    data = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, kind, **options)
    return data.getvalue()


def turn_picture(width: int, height: int) -> bytes:
    """Return a JPEG that its notes say is shown on its side, as phones make them."""
    notes = Image.Exif()
    notes[0x0112] = 6
    return draw_picture(width, height, "JPEG", exif=notes)


def claim_png(width: int, height: int) -> bytes:
    """Return the head of a PNG that says it is so large, and nothing behind it."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((head, 13), (b"IDAT", 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", size) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk, size in chunks
    )


def record_wav(seconds: float, rate: int = 8_000) -> bytes:
    """Return silence of so many seconds."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(b"\x80" * int(seconds * rate))
    return data.getvalue()


def record_mp3(seconds: float) -> bytes:
    """Return an MP3 of so many seconds, frame by frame."""
    return _FRAME * round(seconds * _FRAMES_A_SECOND)


def film_mp4(seconds: int, brand: bytes = b"isom") -> bytes:
    """Return an MP4 that says how long it lasts, and shows nothing."""
    ticks = 1_000
    times = struct.pack(">IIIII", 0, 0, 0, ticks, seconds * ticks)
    header = _box(b"mvhd", times + bytes(80))
    return _box(b"ftyp", brand + bytes(4) + brand) + _box(b"moov", header) + _box(b"mdat", b"\0")


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data
