"""Pictures: which will do for a partner, and at which address."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from feedsvc.model import Enclosure, Image
from feedsvc.partners.findings import Terms
from feedsvc.partners.words import add_parameters, filter_images, is_https

# The suffixes of pictures that partners show, for pictures that nobody has looked at.
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
# The parameter that makes a replaced picture another one.
_VERSION = "v"


def sized(image: Image, terms: Terms) -> Image:
    """Return a picture with what is known of its file."""
    file = terms.pictures.get(image.url)
    if file is None or file.size < 0:
        return image
    return replace(
        image,
        width=image.width or file.width,
        height=image.height or file.height,
        length=image.length or max(0, file.size),
        type=image.type or file.type,
    )


def judge_picture(image: Image, terms: Terms) -> str:
    """Say why a picture will not do; what is not known of it counts for it."""
    profile, limits = terms.profile, terms.profile.pictures
    file = terms.pictures.get(image.url)
    if file and file.trouble:
        return f"the picture cannot be used: {file.trouble}"
    if profile.https_links and not is_https(image.url):
        return "the address of the picture does not begin with https"
    if limits is None:
        return ""
    if image.width > 0 and image.height > 0:
        side = min(image.width, image.height) if limits.short else image.width
        if side < limits.side:
            return f"the picture is {image.width}x{image.height}: {limits.side} are the least"
        ratio = image.width / image.height
        if (limits.ratio_least and ratio < limits.ratio_least) or (
            limits.ratio_most and ratio > limits.ratio_most
        ):
            least, most = limits.ratio_least, limits.ratio_most
            return f"the picture has the ratio {ratio:.2f}: {least} to {most} are taken"
    if 0 < limits.bytes_most < image.length:
        return f"the picture has {image.length:,} bytes: {limits.bytes_most:,} are the most"
    return ""


def list_small_pictures(content: str, terms: Terms) -> list[str]:
    """Return why pictures in the text will not do, by their written sizes and known files."""
    found: list[str] = []

    def judge(url: str, width: int, height: int) -> str:
        if reason := judge_picture(sized(Image(url, "", "", width, height), terms), terms):
            found.append(f"{reason} ({url})")
        return url

    if terms.profile.pictures or terms.profile.https_links:
        filter_images(content, judge)
    return found


def mend_pictures(content: str, left_out: str, terms: Terms) -> str:
    """Return HTML without pictures that will not do, the others at the address they go by.

    ``left_out`` is the article's own picture, where that will not do.
    """

    def mend(url: str, width: int, height: int) -> str | None:
        image = sized(Image(url, "", "", width, height), terms)
        if (left_out and url == left_out) or judge_picture(image, terms):
            return None
        return versioned(url, terms)

    wanted = terms.profile.pictures or terms.profile.https_links
    return filter_images(content, mend) if wanted else content


def versioned(url: str, terms: Terms) -> str:
    """Return the URL of a file of ours with its version, so that a replaced one is another URL."""
    file = terms.pictures.get(url)
    if not terms.profile.new_url_for_new_picture or file is None or file.size < 0:
        return url
    state = f"{file.modified_ns}:{file.size}".encode()
    return add_parameters(url, **{_VERSION: hashlib.blake2b(state, digest_size=4).hexdigest()})


def enclose(image: Image) -> Enclosure:
    """Return a picture as the enclosure of its item."""
    path = image.url.partition("?")[0].lower()
    type_ = image.type or next(
        (type_ for suffix, type_ in _TYPES.items() if path.endswith(suffix)), "image/jpeg"
    )
    return Enclosure(image.url, type_, max(0, image.length))
