"""Media files of the content folder: their types, and which of them an article means. Pure.

Nothing here looks at a disk; that is ``mediafacts``.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote, unquote_to_bytes

from feedsvc.ingest.characters import encode_url
from feedsvc.model import Article, MediaFile
from feedsvc.plain import decode_entities

# What may lie beside articles and be shown with them, by suffix. A table of our own: the machine's
# would give other bytes on other machines. Articles are not in it: they are never served raw.
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {".avif": "image/avif", ".gif": "image/gif", ".jpeg": "image/jpeg", ".jpg": "image/jpeg"}
    | {".png": "image/png", ".webp": "image/webp"}
    | {".aac": "audio/aac", ".flac": "audio/flac", ".m4a": "audio/mp4", ".m4b": "audio/mp4"}
    | {".mp3": "audio/mpeg", ".oga": "audio/ogg", ".ogg": "audio/ogg", ".opus": "audio/ogg"}
    | {".wav": "audio/wav"}
    | {".m4v": "video/mp4", ".mov": "video/quicktime", ".mp4": "video/mp4", ".webm": "video/webm"}
    | {".epub": "application/epub+zip", ".pdf": "application/pdf"}
    | {".srt": "application/x-subrip", ".vtt": "text/vtt"}
)

# The longest beginning of a file that tells what it is: an EPUB's name stands furthest in.
SNIFFED_BYTES = 64

# An article shows some pictures; each more is a file to look at in every scan.
REFERENCES_MOST = 100

# A file that is still being copied counts as not there yet (DESIGN, The content folder).
MISSING = "there is no such file in the content folder"
BEING_WRITTEN = "is still being written"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SERVED = "/media/"
_ESCAPE = re.compile(r"%(?=[0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_IMAGE = re.compile(r'<img(?=\s)(?:[^>"]|"[^"]*+")*+>')
_ATTRIBUTE = re.compile(r'\s(src|alt|width|height)="([^"]*+)"')

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
)
# What an MP4 says of itself; all other brands may hold sound or pictures, as the name says.
_BRANDS = {
    b"avif": "image/avif", b"avis": "image/avif", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
    b"M4V ": "video/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
_RECORDED = frozenset({"audio", "video"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A place where an article names a file; ``url`` as it is written there."""

    field: str
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An ``img`` of a body; sizes are what the markup says, 0 for nothing."""

    url: str
    caption: str
    width: int
    height: int


def type_of_name(path: str) -> str:
    """Return the type that a file's name promises; empty for what is not served."""
    return MEDIA_TYPES.get(posixpath.splitext(path)[1].lower(), "")


def sniff_type(head: bytes) -> str:
    """Return the type that a file's first bytes tell, if they do."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"PK\x03\x04") and head[30:58] == b"mimetypeapplication/epub+zip":
        return "application/epub+zip"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame begins
        return "audio/mpeg" if head[1] & 0x06 else "audio/aac"
    return ""


def settle_type(named: str, sniffed: str) -> str:
    """Return the type of a file by its name and its first bytes; empty if they contradict."""
    if not sniffed or not named:
        return named
    kinds = {named.partition("/")[0], sniffed.partition("/")[0]}
    if len(kinds) > 1 and not kinds <= _RECORDED:
        return ""
    # Containers that look alike whether sound or pictures are in them: then the name knows.
    container = named.partition("/")[2]
    if sniffed in ("video/mp4", "audio/ogg", "video/webm") and sniffed.endswith(container):
        return named
    return sniffed


def list_references(article: Article) -> Iterator[Reference]:
    """Yield what an article names that may be a file of the content folder."""
    if article.link:
        return  # it lives elsewhere, and so does what it names
    if article.image:
        yield Reference("image", article.image.url)
    if article.enclosure:
        yield Reference("enclosure", article.enclosure.url)
    for picture in list_pictures(article.content):
        yield Reference("picture", picture.url)


def list_pictures(content: str) -> Iterator[Picture]:
    """Yield the pictures of sanitised HTML, in their order."""
    if "<img" not in content:
        return
    for tag in _IMAGE.finditer(content):
        found = {name: decode_entities(value) for name, value in _ATTRIBUTE.findall(tag[0])}
        if url := found.get("src", ""):
            sizes = (found.get(name, "") for name in ("width", "height"))
            width, height = (int(one) if re.fullmatch(r"[0-9]{1,6}", one) else 0 for one in sizes)
            yield Picture(url, found.get("alt", ""), width, height)


def is_local(reference: str) -> bool:
    """Whether a reference means a file of the content folder, be it there or not."""
    if reference.startswith("/"):
        return reference.startswith(_SERVED)
    return bool(reference) and not reference.startswith(("#", "?")) and not _has_scheme(reference)


def encode_reference(written: str) -> str:
    """Encode what a person wrote, a URL or the name of a file, as a URL.

    Who leaves a space as it is wrote no URL but a name: then ``%20`` is a part of the name too, and
    must not look like what a space becomes.
    """
    encoded = encode_url(written)
    if encoded == written or not is_local(written):
        return encoded
    return encode_url(_ESCAPE.sub("%25", written))


def list_candidates(reference: str, article_path: str) -> tuple[str, ...]:
    """Return the paths below the content folder that a reference may mean, the best one first.

    Front matter holds names as they are on the disk, bodies hold URLs, and both may hold the other:
    so a name is tried as it stands, then without what had to be encoded to make it a URL, then
    wholly decoded, then without a query and a fragment, then decoded twice, for a URL that was
    taken for a name. None leads out of the folder, and none to what is hidden there.
    """
    if not is_local(reference):
        return ()
    folder = posixpath.dirname(article_path)
    if reference.startswith(_SERVED):
        reference, folder = reference[len(_SERVED) :], ""
    url = re.split(r"[?#]", reference, maxsplit=1)[0]
    decoded = unquote(reference)
    readings = (reference, _restore(reference), decoded, unquote(url), unquote(decoded))
    found = (_place(folder, name) for name in readings)
    return tuple(dict.fromkeys(path for path in found if path))


def judge_address(reference: Reference, article_path: str) -> str:
    """Return why a reference can mean no file of ours though it should; nothing if it may be fine.

    A picture may lie elsewhere on the site's own host. A recording must not: nothing tells its
    bytes there, and podcast apps take a length of 0 at its word.
    """
    url = reference.url
    if is_local(url):
        out = not list_candidates(url, article_path)
        return "leads out of the content folder, or to what is hidden there" if out else ""
    if reference.field == "enclosure" and url.startswith("/") and not _has_scheme(url):
        return "leads out of the content folder: write /media/... or a path beside the article"
    return ""


def find_media(
    reference: str, article_path: str, media: Mapping[str, MediaFile]
) -> MediaFile | None:
    """Return what is known of the file that a reference means: the first that is there.

    None says that nothing is known, as for what lies elsewhere.
    """
    known = [media[path] for path in list_candidates(reference, article_path) if path in media]
    return next((file for file in known if file.size >= 0), known[0] if known else None)


def find_troubles(
    article: Article, path: str, media: Mapping[str, MediaFile]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the files that an article at ``path`` names: field and message."""
    said = set()
    for reference in list_references(article):
        trouble = _judge(reference, path, media)
        if trouble and reference.url not in said:
            said.add(reference.url)
            yield reference.field, f"{unquote(reference.url)}: {trouble}"


def _judge(reference: Reference, path: str, media: Mapping[str, MediaFile]) -> str:
    file = find_media(reference.url, path, media)
    if file is None:
        return judge_address(reference, path)
    pictured = reference.field != "enclosure"
    if not file.trouble and pictured and not file.type.startswith("image/"):
        return f"is no picture but {file.type}"
    return file.trouble


def _has_scheme(reference: str) -> bool:
    return reference.startswith(("//", "/\\", "\\")) or bool(_SCHEME.match(reference))


def _restore(reference: str) -> str:
    """Decode only what had to be encoded: ``100%25%20sure`` was written ``100%25 sure``."""

    def decode(run: re.Match[str]) -> str:
        try:
            text = unquote_to_bytes(run[0]).decode()
        except UnicodeDecodeError:
            return run[0]
        read, at = "", 0
        for letter in text:
            end = at + 3 * len(letter.encode())
            read += letter if encode_url(letter) != letter else run[0][at:end]
            at = end
        return read

    return _ESCAPES.sub(decode, reference)


def _place(folder: str, name: str) -> str:
    """Return the path of a name beside an article; empty if it is no name for us."""
    if "\0" in name or name.startswith("/") or posixpath.basename(name) in ("", ".", ".."):
        return ""
    path = posixpath.normpath(posixpath.join(folder, name))
    if path in ("", ".") or any(part.startswith(".") for part in path.split("/")):
        return ""
    return path if path.isascii() else unicodedata.normalize("NFC", path)
