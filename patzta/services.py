"""Typed names of services: an extension provides one, a cog asks for it when it uses it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

from patzta.errors import PatztaError

T = TypeVar("T")


class ServiceMissing(PatztaError):
    """Nobody provides a service that somebody asked for."""


class ServiceKey(Generic[T]):
    """The name of a service of type ``T``."""

    def __init__(self, name: str) -> None:
        self.name = name


class Services:
    """Who provides what."""

    def __init__(self) -> None:
        self._provided: dict[str, Any] = {}

    def provide(self, key: ServiceKey[T], service: T) -> None:
        """Offer ``service`` under ``key``, in place of an earlier one."""
        self._provided[key.name] = service

    def withdraw(self, key: ServiceKey[Any]) -> None:
        """Take the service back; nothing happens when there is none."""
        self._provided.pop(key.name, None)

    def get(self, key: ServiceKey[T]) -> T:
        """The service. Raises ServiceMissing."""
        if key.name not in self._provided:
            raise ServiceMissing(
                f"No plugin provides '{key.name}': name the extension in the config, under [plugins] extensions."
            )
        return cast("T", self._provided[key.name])
