"""Media in embeds and components: addresses that name a file of the same message (`attachment://name`).

https://discord.com/developers/docs/components/reference#unfurled-media-item
"""

from patzta.sandbox.components import Kind, walk
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Json, Message
from patzta.sandbox.reading import items, section
from patzta.sandbox.serialise import attachment_json
from patzta.sandbox.state import State

SCHEME = "attachment://"
_EMBED_MEDIA = (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url"))


def unfurl(state: State, message: Message) -> None:
    """Turn names of files into their addresses. Raises ApiError 50035 for a file that the message does not have."""
    files = {one.filename: attachment_json(state, one) for one in message.attachments}
    for number, embed in enumerate(message.embeds):
        for part, key in _EMBED_MEDIA:
            url = str(section(embed, part).get(key) or "")
            if url.startswith(SCHEME):
                embed[part][key] = _file(files, url, f"embeds.{number}.{part}.{key}")["url"]
    for component in walk(message.components):
        _unfurl_component(state, component, files)


def _unfurl_component(state: State, component: Json, files: dict[str, Json]) -> None:
    kind = component["type"]
    if kind == Kind.THUMBNAIL:
        component["media"] = _media(state, component["media"], files)
    elif kind == Kind.MEDIA_GALLERY:
        for item in items(component, "items"):
            item["media"] = _media(state, item["media"], files)
    elif kind == Kind.FILE:
        component["file"] = media = _media(state, component["file"], files)
        file = next((one for one in files.values() if one["id"] == media.get("attachment_id")), None)
        if file is not None:
            component |= {"name": file["filename"], "size": file["size"]}


def _media(state: State, media: Json, files: dict[str, Json]) -> Json:
    url = str(media.get("url") or "")
    whole: Json = {"id": media.get("id") or state.new_id(), "url": url, "proxy_url": url}
    if not url.startswith(SCHEME):
        # What was resolved before keeps what is known of it.
        return whole | media
    file = _file(files, url, "components")
    known: Json = {"attachment_id": file["id"], "content_type": file["content_type"]}
    return whole | known | {"url": file["url"], "proxy_url": file["url"]}


def _file(files: dict[str, Json], url: str, path: str) -> Json:
    file = files.get(url.removeprefix(SCHEME))
    if file is None:
        raise ApiError.invalid(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", f"No such file: {url}")
    return file
