"""Errors of the sandbox.

    SandboxError
    ├── ApiError          a request that Discord would refuse; carries Discord's status and code
    ├── PortTaken         --strict-port was given and the port is in use
    ├── NotStarted        the process of a `SandboxProcess` ended before it was ready
    └── ControlError      the control API refused what a `SandboxClient` asked (client side)

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from typing import Any, Self

from patzta.errors import PatztaError


class SandboxError(PatztaError):
    """Base of everything that this package raises on purpose."""


class PortTaken(SandboxError):
    """The wanted port is in use and no other was allowed."""


class NotStarted(SandboxError):
    """The sandbox's process ended before it was ready; the text holds its log."""


class ControlError(SandboxError):
    """The control API answered with an error.

    Attributes:
        status: the HTTP status.
        code: Discord's numeric error code, 0 where Discord has none.
        retry_after: the seconds to wait, where it says so.
    """

    def __init__(self, status: int, code: int, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class ApiError(SandboxError):
    """A refused request, as Discord words it.

    Attributes:
        status: the HTTP status.
        code: Discord's numeric error code.
        errors: the nested field errors of code 50035, else None.
        retry_after: the seconds to wait, else None.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON body that Discord sends with it."""
        body: dict[str, Any] = {"message": str(self), "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body

    @classmethod
    def invalid(cls, path: str, code: str, message: str) -> Self:
        """Code 50035 for one field; `path` is dotted, as in `embeds.0.title`."""
        nested: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
        for key in reversed(path.split(".")):
            nested = {key: nested}
        return cls(400, 50035, "Invalid Form Body", nested)

    @classmethod
    def unknown(cls, code: int, thing: str) -> Self:
        """A 404 of the 10xxx family."""
        return cls(404, code, f"Unknown {thing}")


def missing_access() -> ApiError:
    """The caller cannot see the channel or guild."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """The caller sees the place but may not do this there."""
    return ApiError(403, 50013, "Missing Permissions")
