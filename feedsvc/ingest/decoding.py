"""Bytes -> text, whatever wrote them."""

from __future__ import annotations

import codecs
import re

from feedsvc.errors import RefusedError
from feedsvc.ingest.characters import make_safe

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Enough to tell an encoding; guessing over a whole 5 MB file would take seconds.
_GUESS_BYTES = 256 * 1024
_PROBE_BYTES = 4096
# Of text in UTF-16 without a mark nearly every second byte is NUL, if it is in a Latin script.
_UTF16_NULS = 0.4
# Text has next to no control characters; compressed or encrypted bytes have about 10 %.
_BINARY_SHARE = 0.05
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
# What people's files are really in; free guessing calls short Western text Greek or Chinese.
_LIKELY = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "euc_jp", "gb18030", "big5", "euc_kr", "mac_roman"),
)
_LATIN = frozenset({"cp1250", "cp1252", "cp1254", "cp1257", "mac_roman"})
_LATIN_OF = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq"), "cp1250"),
    **dict.fromkeys(("et", "lv", "lt"), "cp1257"),
    "tr": "cp1254",
}
# More than one odd character in fifty lost: the declared encoding is another's.
_BROKEN_SHARE = 0.02
# What browsers take these labels for (encoding.spec.whatwg.org): each names a part of what pages
# with that label really hold, and the rest would be lost.
_MEANT = {
    label: encoding
    for encoding, labels in (
        (
            "cp1252",
            "ascii us-ascii ansi-x3.4-1968 iso-ir-100 iso-8859-1 iso8859-1 iso88591 latin1 latin-1"
            " l1 cp819 ibm819 windows-1252 x-cp1252",
        ),
        ("cp1254", "iso-8859-9 iso8859-9 iso88599 latin5 l5 iso-ir-148 x-cp1254"),
        ("cp874", "iso-8859-11 iso8859-11 tis-620 windows-874 dos-874"),
        ("gb18030", "gb2312 gb-2312 gb-2312-80 gbk x-gbk chinese csgb2312 iso-ir-58"),
        ("cp932", "shift-jis sjis x-sjis ms-kanji csshiftjis windows-31j ms932"),
        ("cp949", "euc-kr cseuckr korean ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601"),
        ("cp949", "windows-949 iso-ir-149"),
        ("big5hkscs", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
        ("cp1251", "x-cp1251"),
        ("cp1250", "x-cp1250"),
        ("koi8-u", "koi8-ru"),
        ("mac-roman", "macintosh x-mac-roman csmacintosh"),
        ("mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
        ("utf-8", "unicode-1-1-utf-8 utf8 x-unicode20utf8"),
    )
    for label in labels.split()
}
_DECLARED = re.compile(
    rb"""<meta[^>]{1,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)


def decode_text(data: bytes, *, language: str = "en", declared: bool = False) -> str:
    """Decode a text file and make its text safe for XML (F1, F3).

    ``language`` is the site's; it decides between the code pages of Latin scripts, which no short
    text can. ``declared`` says that a ``<meta charset>`` may name the encoding. Raises
    RefusedError for an empty file and for one that is not text.
    """
    if not data.strip(b" \t\r\n\x00"):
        raise RefusedError("the file is empty")
    text = make_safe(_decode(data, language, declared))
    if not text.strip():
        raise RefusedError("the file is empty")
    return text


def _decode(data: bytes, language: str, declared: bool) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    probe = data[:_PROBE_BYTES]
    if b"\x00" in data:
        return data.decode(_find_utf16(probe), "replace")
    if len(probe) - len(probe.translate(None, _CONTROLS)) > _BINARY_SHARE * len(probe):
        raise RefusedError("the file is not text but binary data")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_odd(data, language, declared)


def _find_utf16(probe: bytes) -> str:
    half = len(probe) // 2 or 1
    low, high = probe[0::2].count(0) / half, probe[1::2].count(0) / half
    if high > _UTF16_NULS and low < high / 4:
        return "utf-16-le"
    if low > _UTF16_NULS and high < low / 4:
        return "utf-16-be"
    raise RefusedError("the file is not text but binary data (it contains NUL bytes)")


def _decode_odd(data: bytes, language: str, declared: bool) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")  # surrogates written one by one (F3)
    except UnicodeDecodeError:
        pass
    # A few broken bytes in UTF-8 cost those bytes; guessing would garble every accent instead.
    mended = data.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if sum(1 for char in mended if char > "\x7f") - broken > broken:
        return mended
    if declared and (found := _DECLARED.search(data[:_PROBE_BYTES])):
        text = _decode_as(data, found[1].decode("ascii"))
        odd = sum(1 for char in text if char > "\x7f")
        # A page that is not in what it declares would lose its accents; its broken bytes may go.
        if text and text.count("\ufffd") <= _BROKEN_SHARE * odd:
            return text
    return data.decode(_guess_encoding(data, language), "replace")


def _decode_as(data: bytes, label: str) -> str:
    """Decode by a label as browsers understand it; nothing if there is no such encoding."""
    name = label.strip().casefold()
    try:
        return data.decode(_MEANT.get(name.replace("_", "-"), name), "replace")
    except (LookupError, ValueError):
        return ""


def _guess_encoding(data: bytes, language: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESS_BYTES], cp_isolation=list(_LIKELY), enable_fallback=False).best()
    if best and best.encoding not in _LATIN:
        return best.encoding
    return _LATIN_OF.get(language.partition("-")[0].casefold(), "cp1252")
