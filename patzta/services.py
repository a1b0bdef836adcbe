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
    """Who provides what: ``provided`` holds the services by their keys' names."""

    def __init__(self) -> None:
        self.provided: dict[str, Any] = {}

    def provide(self, key: ServiceKey[T], service: T) -> None:
        """Offer ``service`` under ``key``, in place of an earlier one."""
        self.provided[key.name] = service

    def withdraw(self, key: ServiceKey[T]) -> T | None:
        """Take the service back and return it; None when there was none."""
        return self.provided.pop(key.name, None)

    def has(self, key: ServiceKey[Any]) -> bool:
        """Whether somebody provides it."""
        return key.name in self.provided

    def get(self, key: ServiceKey[T]) -> T:
        """The service. Raises ServiceMissing."""
        if not self.has(key):
            raise ServiceMissing(
                f"No plugin provides '{key.name}': name the extension in the config, under [plugins] extensions."
            )
        return cast("T", self.provided[key.name])
