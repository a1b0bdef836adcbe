"""What a reload guarantees while it prepares and commits; each test is named after the guarantee that stock discord.py
does not give.
"""

import asyncio
import os

import pytest
from discord.ext import commands

from tests.framework.plugin_folder import cog, version
from tests.running import eventually


async def test_a_first_load_that_fails_leaves_no_submodule_behind(bot, files) -> None:
    files.write("X = 1\n", "sub.py")
    name = files.write("from . import sub\nraise RuntimeError\n", "__init__.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.load_extension(name)
    files.write("X = 2\n", "sub.py")
    files.write("from . import sub\nasync def setup(bot): bot.x = sub.X\n", "__init__.py")
    await bot.load_extension(name)
    assert bot.x == 2


@pytest.mark.parametrize(
    "broken",
    ["def (", "raise RuntimeError", "X = 1", "async def setup(bot): raise RuntimeError", "import no_such_module"],
    ids=["syntax", "import", "no setup", "setup", "missing module"],
)
async def test_bad_code_keeps_the_old_version_serving(bot, files, broken) -> None:
    name = files.write(cog(1))
    await bot.load_extension(name)
    old, module = bot.get_cog("C"), bot.extensions[name]
    files.write(broken)
    with pytest.raises(commands.ExtensionError):
        await bot.reload_extension(name)
    # The very instance: nothing of its state is lost.
    assert bot.get_cog("C") is old
    assert bot.extensions[name] is module
    assert bot.get_command("hi").cog is old
    files.write(cog(2))
    await bot.reload_extension(name)
    assert version(bot) == 2


@pytest.mark.parametrize("broken", ["def (", "raise RuntimeError"])
async def test_bad_code_behind_a_lazy_import_keeps_the_old_version_serving(bot, files, broken) -> None:
    setup = "async def setup(bot):\n    from ._cog import C\n    await bot.add_cog(C())\n"
    name = files.write(setup, "__init__.py")
    files.write(cog(1), "_cog.py")
    await bot.load_extension(name)
    old = bot.get_cog("C")
    files.write(broken, "_cog.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert bot.get_cog("C") is old
    files.write(cog(2), "_cog.py")
    await bot.reload_extension(name)
    assert version(bot) == 2


async def test_a_broken_file_that_would_be_imported_late_is_refused(bot, files) -> None:
    name = files.write(cog(1), "__init__.py")
    await bot.load_extension(name)
    files.write("def (", "_late.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert version(bot) == 1


async def test_old_code_that_imports_late_during_a_prepare_finds_its_own_version(bot, files) -> None:
    files.write("V = 1", "_late.py")
    name = files.write(
        """
        def late():
            from . import _late
            return _late.V
        async def setup(bot):
            bot.late, gate = late, getattr(bot, "gate_of_test", None)
            if gate:
                bot.late = bot.old_late
                await gate.wait()
                bot.late = late
        """,
        "__init__.py",
    )
    await bot.load_extension(name)
    assert bot.late() == 1
    bot.old_late, bot.gate_of_test = bot.late, asyncio.Event()
    files.write("V = 2", "_late.py")
    reload = asyncio.create_task(bot.reload_extension(name))
    await eventually(lambda: bot.late is bot.old_late and bot.plugins._lock.locked())
    for _ in range(3):
        await asyncio.sleep(0)
    assert bot.old_late() == 1
    bot.gate_of_test.set()
    await reload
    assert bot.late() == 2


async def test_no_event_is_lost_or_doubled_during_reloads(bot, files) -> None:
    name = files.write(cog(1, "import asyncio; await asyncio.sleep(0.02)"))
    await bot.load_extension(name)
    bot.add_listener(note := Noting(), "on_thing")
    lists = [bot.extensions[name].seen]
    sent = 0

    async def pump(over: asyncio.Event) -> None:
        nonlocal sent
        while not over.is_set():
            bot.dispatch("thing", sent)
            sent += 1
            await asyncio.sleep(0)

    over = asyncio.Event()
    pumping = asyncio.create_task(pump(over))
    for v in range(2, 8):
        files.write(cog(v, "import asyncio; await asyncio.sleep(0.02)") if v % 3 else "raise RuntimeError")
        try:
            await bot.reload_extension(name)
            lists.append(bot.extensions[name].seen)
        except commands.ExtensionFailed:
            assert v % 3 == 0
    over.set()
    await pumping
    await eventually(lambda: len(note.seen) == sent)
    seen = [n for one in lists for n in one]
    assert sorted(seen) == list(range(sent))
    assert all(lists[:-1]), "each version had some"


class Noting:
    """A listener that belongs to no plugin."""

    _is_coroutine = asyncio.coroutines._is_coroutine

    def __init__(self) -> None:
        self.seen = []

    async def __call__(self, n: int) -> None:
        self.seen.append(n)


async def test_a_cancelled_load_leaves_nothing(bot, files) -> None:
    name = files.write(cog(1) + "\n        import asyncio; await asyncio.Event().wait()\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.load_extension(name), 0.05)
    assert not bot.cogs
    assert not bot.extra_events.get("on_thing")
    files.write(cog(2))
    await bot.load_extension(name)
    assert version(bot) == 2


async def test_a_cancelled_reload_keeps_the_old_version(bot, files) -> None:
    name = files.write(cog(1))
    await bot.load_extension(name)
    old = bot.get_cog("C")
    files.write(cog(2, "import asyncio; await asyncio.Event().wait()"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.reload_extension(name), 0.05)
    assert bot.get_cog("C") is old


async def test_a_setup_that_never_ends_is_given_up(bot, files, monkeypatch) -> None:
    monkeypatch.setattr("patzta.framework.plugins.PATIENCE", 0.05)
    name = files.write("import asyncio\nasync def setup(bot): await asyncio.Event().wait()\n")
    with pytest.raises(commands.ExtensionFailed, match="TimeoutError"):
        await bot.load_extension(name)


async def test_concurrent_reloads_wait_for_each_other(bot, files) -> None:
    name = files.write(cog(1, "import asyncio; await asyncio.sleep(0.01)"))
    await bot.load_extension(name)
    await asyncio.gather(*(bot.reload_extension(name) for _ in range(5)))
    assert version(bot) == 1
    assert len(bot.extra_events["on_thing"]) == 1


async def test_contracts_are_the_same_classes_after_a_reload(bot, files) -> None:
    """Cogs share classes of the core only, so a reload of one does not make another's instances strangers."""
    source = """
        from patzta.services import ServiceKey
        from patzta.inference.contract import Status
        KEY = ServiceKey("status of test")
        async def setup(bot): bot.services.provide(KEY, Status("ready"))
    """
    name = files.write(source)
    await bot.load_extension(name)
    await bot.reload_extension(name)
    from patzta.inference.contract import Status

    assert isinstance(bot.services.provided["status of test"], Status)
    await bot.unload_extension(name)
    assert "status of test" not in bot.services.provided


async def test_an_edit_of_the_same_size_in_the_same_second_is_seen(bot, files) -> None:
    name = files.write(cog(1))
    path = files.folder / f"{name}.py"
    stat = path.stat()
    await bot.load_extension(name)
    files.write(cog(2))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    await bot.reload_extension(name)
    assert version(bot) == 2
