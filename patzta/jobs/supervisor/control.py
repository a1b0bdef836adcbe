"""Requests to a running supervisor: JSON lines on a socket, or the same as files in ``box/`` on shared storage.

    {"do": "input", "data": TEXT}                  bytes as Latin-1
    {"do": "size", "rows": N, "columns": N}
    {"do": "stop", "now": BOOL}
    {"do": "state"}

Each is answered by an object, with ``error`` where it was refused. Whoever asks may vanish, dawdle, or send garbage:
that is their trouble alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Answer = Callable[[dict[str, Any]], dict[str, Any]]

SOCKET, BOX = "ctl", "box"
ASKED, ANSWERED = ".ask", ".answer"
LONGEST = 2**18
"""Bytes of a request."""
CLIENTS = 32


class Server:
    """The socket ``ctl`` in ``folder``, which must be the current one: a path may have 107 bytes only."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._clients: dict[int, tuple[socket.socket, bytearray]] = {}
        self._listener: socket.socket | None = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        # Where files may be no sockets, the box is left.
        with contextlib.suppress(OSError):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(SOCKET)
            listener.listen(CLIENTS)
            listener.setblocking(False)  # noqa: FBT003
            self._listener = listener

    def descriptors(self) -> list[int]:
        """What to wait for."""
        return [*self._clients, *([self._listener.fileno()] if self._listener else [])]

    def serve(self, ready: list[int]) -> None:
        """Deal with the descriptors of ours among those that are ready."""
        for descriptor in ready:
            if self._listener and descriptor == self._listener.fileno():
                self._accept(self._listener)
            elif descriptor in self._clients and not self._stays(*self._clients[descriptor]):
                self._clients.pop(descriptor)[0].close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            client.setblocking(False)  # noqa: FBT003
            if len(self._clients) < CLIENTS:
                self._clients[client.fileno()] = client, bytearray()
            else:
                client.close()

    def _stays(self, client: socket.socket, waiting: bytearray) -> bool:
        """Answer what the client asks; whether it goes on. One that does not read its answers is hung up on."""
        try:
            data = client.recv(65536)
            waiting += data
            while b"\n" in waiting:
                line, _, rest = bytes(waiting).partition(b"\n")
                waiting[:] = rest
                client.sendall(answered(line, self._answer) + b"\n")
        except OSError:
            return False
        return bool(data) and len(waiting) <= LONGEST

    def close(self) -> None:
        """Take no more requests."""
        for client, _ in self._clients.values():
            client.close()
        if self._listener:
            self._listener.close()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(SOCKET)


def answered(line: bytes, answer: Answer) -> bytes:
    """The answer to a request, whatever it is."""
    try:
        request = json.loads(line)
        reply = answer(request)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reply = {"error": f"not understood: {error.__class__.__name__}"}
    return json.dumps(reply).encode()


def serve_box(answer: Answer) -> None:
    """Answer the requests that lie in ``box/``."""
    with contextlib.suppress(OSError):
        for name in sorted(name for name in os.listdir(BOX) if name.endswith(ASKED)):
            path = os.path.join(BOX, name)
            with open(path, "rb") as file:
                line = file.read(LONGEST)
            # Gone first: a request that cannot be removed would be done for ever.
            os.unlink(path)
            put(name[: -len(ASKED)] + ANSWERED, answered(line, answer))


def put(name: str, data: bytes, box: str = BOX) -> None:
    """Lay something whole into a box. Raises OSError."""
    path = os.path.join(box, name)
    with open(f"{path}.unready", "wb") as file:
        file.write(data)
    os.replace(f"{path}.unready", path)
