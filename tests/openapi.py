"""Holding recorded REST exchanges against Discord's OpenAPI description."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = "urn:discord"
_BODILESS = {204, 429}

# Where discord.py or Discord itself differs from the description: (method, path pattern, place, fragment of the
# error, why it is right as it is).
KNOWN_DEVIATIONS: list[tuple[str, str, str, str, str]] = [
    (
        "*",
        r".*",
        "response",
        "_errors",
        "nested error codes are words in the documentation, integers in the description",
    ),
    ("PUT", r"/applications/.*/commands$", "request", "'dm_permission'", "discord.py still sends the old field"),
    *(
        ("*", r"/(roles|permissions|channels)", "request", f"{key}: '", "permissions are texts in the documentation")
        for key in ("permissions", "allow", "deny")
    ),
    ("PATCH", r"/applications/@me$", "request", "description: ", "a text in the documentation and in discord.py"),
]

# Ids that discord.py sends as integers; Discord takes both.
_ID_KEYS = {"message_id", "channel_id", "guild_id", "recipient_id", "id", "parent_id"}
_SMALL = 2**32


class OpenAPI:
    """One description, read once. `check` returns what is wrong with an exchange, in words."""

    def __init__(self, path: str | Path) -> None:
        self._document = json.loads(Path(path).read_text(encoding="utf-8"))
        # The documentation has forwards, https://discord.com/developers/docs/resources/message#message-reference-types
        if kinds := self._document.get("components", {}).get("schemas", {}).get("MessageReferenceType"):
            kinds["oneOf"].append({"const": 1})
        resource = Resource.from_contents(self._document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(ROOT, resource)
        self._paths = sorted(self._document["paths"], key=lambda template: template.count("{"))
        self._validator = cache(self._make_validator)

    def check(self, exchange: dict[str, Any]) -> list[str]:
        """Errors of one line that `--record` wrote; an empty list when it keeps the contract.

        Requests that the server refused are only held to the shape of an error.
        """
        template = self._template(exchange["path"], exchange["method"])
        if template is None:
            return [] if exchange["status"] == 404 else [f"{_title(exchange)}: no such operation in the description"]
        problems = [*self._request_errors(exchange, template), *self._response_errors(exchange, template)]
        return [f"{_title(exchange)} {text}" for place, text in problems if not _is_known(exchange, place, text)]

    def _template(self, path: str, method: str) -> str | None:
        for template in self._paths:
            pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template))
            if method.lower() in self._document["paths"][template] and re.fullmatch(pattern, path):
                return template
        return None

    def _request_errors(self, exchange: dict[str, Any], template: str) -> Iterator[tuple[str, str]]:
        body = exchange["request"]
        kind = exchange["content_type"]
        content = self._operation(exchange, template).get("requestBody", {}).get("content", {})
        # A form's JSON part has the shape of the JSON body.
        kind = "application/json" if kind == "multipart/form-data" and "application/json" in content else kind
        if body is None or exchange["status"] >= 400:
            return
        if kind not in content:
            yield "request", f"request: {kind} is not described"
            return
        pointer = _pointer("paths", template, exchange["method"].lower(), "requestBody", "content", kind, "schema")
        yield from (("request", f"request: {text}") for text in self._errors(pointer, _with_text_ids(body)))

    def _response_errors(self, exchange: dict[str, Any], template: str) -> Iterator[tuple[str, str]]:
        status = str(exchange["status"])
        responses = self._operation(exchange, template)["responses"]
        key = status if status in responses else "4XX" if status.startswith("4") else None
        if key is None:
            yield "response", f"response: status {status} is not described, only {sorted(responses)}"
            return
        if exchange["status"] in _BODILESS or "content" not in self._resolved(responses[key]):
            return
        pointer = _pointer("paths", template, exchange["method"].lower(), "responses", key)
        if "$ref" in responses[key]:
            pointer = responses[key]["$ref"].removeprefix("#")
        pointer += _pointer("content", "application/json", "schema")
        yield from (("response", f"response {status}: {text}") for text in self._errors(pointer, exchange["response"]))

    def _operation(self, exchange: dict[str, Any], template: str) -> dict[str, Any]:
        return self._document["paths"][template][exchange["method"].lower()]

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        return self.registry.resolver(ROOT).lookup(part["$ref"]).contents

    def _make_validator(self, pointer: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"{ROOT}#{pointer}"}, registry=self.registry)

    def _errors(self, pointer: str, value: Any) -> Iterator[str]:
        for error in self._validator(pointer).iter_errors(value):
            deepest = best_match([error]) or error
            where = ".".join(map(str, deepest.absolute_path)) or "body"
            yield f"{where}: {deepest.message[:300]}"


def _pointer(*keys: str) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _title(exchange: dict[str, Any]) -> str:
    return f"{exchange['method']} {exchange['path']}"


def _is_known(exchange: dict[str, Any], place: str, text: str) -> bool:
    return any(
        method in ("*", exchange["method"])
        and re.search(pattern, exchange["path"])
        and place == where
        and fragment in text
        for method, pattern, where, fragment, _ in KNOWN_DEVIATIONS
    )


def _with_text_ids(value: Any, key: str = "", inside: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_text_ids(item, name, key) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_text_ids(item, key, inside) for item in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    # Small numbers are ids only of attachments; of components they are numbers. Two keys hold bare lists of ids.
    is_id = key in _ID_KEYS and (value > _SMALL or inside == "attachments")
    pinged = inside == "allowed_mentions"
    return str(value) if is_id or pinged or key in {"messages", "user_ids"} else value
