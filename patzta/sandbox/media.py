"""What stands in for Discord's CDN: stored attachments and drawn avatars."""

import struct
import zlib
from hashlib import sha256
from html import escape

from aiohttp import web

from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import STATE

_SHOWN_INLINE = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/webm",
    "text/plain",
}
"""Types that no browser runs as a page. Everything else is offered as a download."""

_COLOURS = ("5b6ee1", "3f9b6e", "c7663f", "9a5bb5", "3a8fb7", "b5485d", "8a7a2f", "4f6d7a")


async def attachment(request: web.Request) -> web.Response:
    """GET /attachments/{channel}/{attachment}/{name}"""
    stored = request.app[STATE].attachments.get(request.match_info["attachment"])
    if stored is None or stored.channel_id != request.match_info["channel"]:
        raise ApiError(404, 0, "404: Not Found")
    inline = stored.content_type in _SHOWN_INLINE
    kind = stored.content_type if inline else "application/octet-stream"
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if kind == "text/plain" else kind,
        "Content-Disposition": "inline" if inline else "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=stored.content, headers=headers)


def _colour(key: str) -> str:
    return _COLOURS[sha256(key.encode()).digest()[0] % len(_COLOURS)]


def initials(name: str) -> str:
    """Up to two letters for a picture."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words if len(words) == 1 else [words[0], words[-1]] if words else [])).upper()


def drawn(key: str, name: str) -> str:
    """An SVG avatar: initials on a colour that depends on `key` alone."""
    letters = escape(initials(name) or "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80">'
        f'<rect width="80" height="80" fill="#{_colour(key)}"/>'
        '<text x="40" y="41" dominant-baseline="central" text-anchor="middle" fill="#fff" font-size="32" '
        f'font-family="system-ui, sans-serif" font-weight="600">{letters}</text></svg>'
    )


async def drawn_avatar(request: web.Request) -> web.Response:
    """GET /avatars/{user or guild}.svg; for a webhook `name` says what it calls itself"""
    state, key = request.app[STATE], request.match_info["key"]
    if key in state.users:
        name = state.users[key].display_name
    elif key in state.guilds:
        name = state.guilds[key].name
    elif "name" in request.query:
        name = request.query["name"]
    else:
        raise ApiError(404, 0, "404: Not Found")
    return web.Response(text=drawn(key, name), content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def plain_png(colour: str, size: int = 64) -> bytes:
    """A square PNG of one colour (six hex digits)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes.fromhex(colour) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * size)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


async def picture(request: web.Request) -> web.Response:
    """GET /embed/avatars/{n}.png and /avatars/{user}/{hash}.png, for bots that download a picture."""
    return web.Response(body=plain_png(_colour(request.match_info["key"])), content_type="image/png")


ROUTES = [
    web.get("/attachments/{channel}/{attachment}/{name}", attachment),
    web.get("/avatars/{key}.svg", drawn_avatar),
    web.get("/avatars/{key}/{hash}.png", picture),
    web.get("/embed/avatars/{key}.png", picture),
]
