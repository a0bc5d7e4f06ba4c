"""What a media file of the content folder is, as the file itself says it.

The one module of this room that looks at a disk. It never follows a link out of the folder, reads
only as much of a file as tells its facts, and whatever a file holds, says so instead of raising.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from feedsvc.errors import RefusedError
from feedsvc.ingest.media import (
    MISSING,
    SNIFFED_BYTES,
    settle_type,
    sniff_type,
    type_of_name,
)
from feedsvc.model import MediaFile

# A picture with more pixels costs whoever opens it half a gigabyte: it is an attack or a mistake.
PIXELS_MOST = 89_000_000
# Some formats are read whole to learn their size; no reader loads a picture that is larger.
PICTURE_BYTES_MOST = 50_000_000

# A logo that stands in every article is looked into once.
_REMEMBERED = 1_000

_PICTURES = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})  # lies on its side: width and height change places


def locate_media(root: Path, path: str) -> Path:
    """Return where a media file really lies; ``path`` is as people and URLs write it (NFC).

    Raises RefusedError, with the reason in a sentence, for what is not there or not to be served.
    """
    require_served(path)
    spelled = _spell(root, path)
    if spelled is None:
        raise RefusedError(MISSING)
    try:
        base = root.resolve()
        real = spelled.resolve(strict=True)
        regular = stat.S_ISREG(real.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        raise RefusedError(MISSING) from None
    if not real.is_relative_to(base):
        raise RefusedError("is a link that leads out of the content folder: not followed")
    if not regular:
        raise RefusedError("is not a regular file")
    require_served(real.relative_to(base).as_posix())
    return real


def stat_media(root: Path, path: str) -> os.stat_result | None:
    """Return the status of a media file, None where there is none; cheap, for every scan."""
    try:
        return os.stat(f"{root}/{path}")  # noqa: PTH116 - half the time of a Path
    except (OSError, ValueError):
        spelled = None if path.isascii() else _spell(root, path)
    try:
        return spelled.stat() if spelled else None
    except OSError:
        return None


def describe_media(root: Path, path: str) -> MediaFile:
    """Return what a media file is; one that cannot be had has no size, and says why."""
    try:
        file = locate_media(root, path)
        with open_media(file) as stream:
            status = os.fstat(stream.fileno())
            return _describe(path, str(file), status.st_mtime_ns, status.st_size, status.st_ino)
    except RefusedError as error:
        return MediaFile(path, trouble=str(error))
    except OSError as error:
        return MediaFile(path, trouble=f"cannot be read: {error.strerror}")


def open_media(file: Path) -> BinaryIO:
    """Open a file that `locate_media` has found; a link that took its place is not followed."""
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    return os.fdopen(handle, "rb")


def require_served(path: str) -> None:
    """Raise RefusedError, with the reason, for a path of a kind that is never served."""
    if any(not part or part.startswith(".") for part in path.split("/")):
        raise RefusedError("is hidden: it is never served")
    if not type_of_name(path):
        raise RefusedError("is of a kind that is not served from the content folder")


def _spell(root: Path, path: str) -> Path | None:
    """Return the path as the disk spells it: some disks take letters and accents apart (NFD)."""
    found = root
    for part in path.split("/"):
        forms = (part,) if part.isascii() else (part, unicodedata.normalize("NFD", part))
        there = (found / form for form in forms if _is_there(found / form))
        following = next(there, None)
        if following is None:
            return None
        found = following
    return found


def _is_there(file: Path) -> bool:
    try:
        file.lstat()
    except (OSError, ValueError):
        return False
    return True


@lru_cache(_REMEMBERED)
def _describe(path: str, file: str, modified_ns: int, size: int, _inode: int) -> MediaFile:
    with open_media(Path(file)) as stream:
        return describe_stream(stream, path, modified_ns, size)


def describe_stream(stream: BinaryIO, path: str, modified_ns: int, size: int) -> MediaFile:
    """Return what a media file is by its bytes, wherever these come from; OSError as they do."""
    named, sniffed = type_of_name(path), sniff_type(stream.read(SNIFFED_BYTES))
    stream.seek(0)
    facts: dict[str, Any] = {"type": settle_type(named, sniffed)}
    if size == 0:
        facts = {"trouble": "is empty"}
    elif not facts["type"]:
        facts = {"trouble": f"is no {_kind(named)}, though its name says so"}
    elif named.startswith("image/"):
        facts |= _measure(stream, size)
    elif _kind(named) == "recording":
        facts |= _time(stream, path, bool(sniffed))
    return MediaFile(path, modified_ns, size, **facts)


def _kind(type_: str) -> str:
    major = type_.partition("/")[0]
    return {"image": "picture", "audio": "recording", "video": "recording"}.get(major, type_)


def _measure(stream: BinaryIO, size: int) -> dict[str, Any]:
    """Return the pixels of a picture; a type of nothing says that it cannot be shown."""
    if size > PICTURE_BYTES_MOST:
        most = PICTURE_BYTES_MOST // 1_000_000
        return {"type": "", "trouble": f"is {size / 1e6:,.0f} MB: a picture has {most} at most"}
    try:
        with _pillow().open(stream, formats=_PICTURES) as picture:
            width, height = picture.size
            if _is_turned(picture):
                width, height = height, width
            type_ = picture.get_format_mimetype()
    except _pillow().DecompressionBombError:
        return {"type": "", "trouble": "has far too many pixels to be shown"}
    except Exception:  # whatever a hostile file makes Pillow raise
        return {"type": "", "trouble": "is no picture that can be read, though its name says so"}
    if width * height > PIXELS_MOST:
        return {"type": "", "trouble": f"has {width} x {height} pixels: too many to be shown"}
    return {"type": type_, "width": width, "height": height}


def _is_turned(picture: Any) -> bool:
    """Whether a picture is shown on its side. Its own method would read some pictures whole."""
    if not (raw := picture.info.get("exif")):
        return False
    exif = _pillow().Exif()
    try:
        exif.load(raw)
        return exif.get(_ORIENTATION) in _TURNED
    except Exception:  # a picture with broken notes is a picture still
        return False


def _time(stream: BinaryIO, path: str, recognised: bool) -> dict[str, Any]:
    """Return how many whole seconds a recording lasts, if it says so."""
    from tinytag import TinyTag, UnsupportedFormatError

    name = None if recognised else path  # then only the name can tell how to read it
    try:
        seconds = TinyTag.get(name, file_obj=stream, tags=False).duration or 0.0
        duration = max(1, round(seconds)) if seconds > 0 else 0
    except UnsupportedFormatError:
        return {} if recognised else {"type": "", "trouble": _NO_RECORDING}
    except Exception:  # whatever a hostile file makes tinytag raise; also an endless duration
        duration = 0
    if duration:
        return {"duration": duration}
    if not recognised:
        return {"type": "", "trouble": _NO_RECORDING}
    return {"trouble": "how long it lasts cannot be read"}


_NO_RECORDING = "is no recording that can be read, though its name says so"


@cache
def _pillow() -> Any:
    from PIL import Image

    # What matters of its warnings (too many pixels) we find out ourselves, and report.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    return Image
