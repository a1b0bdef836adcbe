"""The modules of one version of a plugin, beside those that serve."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Coroutine, Generator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar

T = TypeVar("T")


def owned(root: str, name: str) -> bool:
    """Whether ``name`` is the module ``root`` or lies in the package ``root``."""
    return name == root or name.startswith(root + ".")


class Version:
    """A plugin's modules. They are in ``sys.modules`` only while their set-up runs, until ``install``."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.modules: dict[str, ModuleType] = {}

    def load(self) -> ModuleType:
        """Import the plugin from what its files hold now. Raises whatever its code raises."""
        _Finder.roots.add(self.root)
        importlib.invalidate_caches()
        with self.present():
            return importlib.import_module(self.root)

    @contextlib.contextmanager
    def present(self) -> Generator[None]:
        """Within it, imports find this version; afterwards again the one from before."""
        before = _swap(self.root, self.modules)
        try:
            yield
        finally:
            self.modules = _swap(self.root, before)

    def install(self) -> None:
        """Let imports find this version from now on."""
        _swap(self.root, self.modules)

    def remove(self) -> None:
        """Let imports find no version."""
        _swap(self.root, {})

    @types.coroutine
    def run(self, steps: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Await ``steps`` with this version present in each step; others may import between the steps."""
        go: Callable[[Any], Any] = steps.send
        value: Any = None
        while True:
            with self.present():
                try:
                    waits_for = go(value)
                except StopIteration as done:
                    return done.value
            try:
                value = yield waits_for
                go = steps.send
            except BaseException as thrown:  # noqa: BLE001  a cancellation, which the steps have to see
                go, value = steps.throw, thrown


def source_files(root: str) -> list[Path]:
    """The files that a plugin consists of now; none when there is no such plugin."""
    spec = _find(root)
    if spec is None or spec.origin is None:
        return []
    if spec.submodule_search_locations:
        return sorted(Path(spec.origin).parent.rglob("*.py"))
    return [Path(spec.origin)]


def check_syntax(files: Sequence[Path]) -> None:
    """Compile each file, be it imported late, unless it was installed from elsewhere. Raises SyntaxError."""
    for file in files:
        if "site-packages" not in file.parts:
            compile(file.read_bytes(), file, "exec", dont_inherit=True)


def _find(root: str) -> importlib.machinery.ModuleSpec | None:
    """Like importlib's ``find_spec``, which would answer for a loaded module from memory."""
    package = root.rpartition(".")[0]
    try:
        path = importlib.import_module(package).__path__ if package else None
        return importlib.machinery.PathFinder.find_spec(root, path) or importlib.util.find_spec(root)
    except (ModuleNotFoundError, AttributeError):
        return None


def content_hash(files: Sequence[Path]) -> str:
    """Eight hexadecimal digits of the files' names and contents (not of their times)."""
    whole = hashlib.sha256()
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # an editor may be saving it
            whole.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:8]


def _swap(root: str, modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """Put ``modules`` in the place of all modules of the plugin, which are returned."""
    before = {name: module for name, module in sys.modules.items() if owned(root, name)}
    for name in before:
        del sys.modules[name]
    sys.modules.update(modules)
    package, _, child = root.rpartition(".")
    if package in sys.modules:
        # `from package import child` looks here first.
        vars(sys.modules[package]).pop(child, None)
        if root in modules:
            setattr(sys.modules[package], child, modules[root])
    return before


class _Source(importlib.machinery.SourceFileLoader):
    """Compiles what the file holds: a cache tells edits apart by second and size, which misses some."""

    def get_code(self, fullname: str) -> types.CodeType | None:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of plugins, also those that are imported late."""

    roots: ClassVar[set[str]] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not any(owned(root, fullname) for root in self.roots):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _Source(spec.loader.name, spec.loader.path)
        return spec


sys.meta_path.insert(0, _Finder())
