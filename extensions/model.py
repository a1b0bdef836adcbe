"""The double's model, in a worker process of its own or at a server, offered to the cogs as the generate service."""

from __future__ import annotations

import asyncio
import logging
import time

from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.inference import InferenceError
from patzta.inference.client import WorkerClient
from patzta.inference.contract import GENERATE
from patzta.inference.folder import checked
from patzta.inference.remote import RemoteModel
from patzta.settings import ModelSettings

log = logging.getLogger("patzta.model")


class Resident:
    """The client of the worker or server, and the task that waits for its model."""

    def __init__(self, client: WorkerClient | RemoteModel) -> None:
        self.client = client
        self.loading = asyncio.create_task(self._load(), name="loading the model")

    async def _load(self) -> None:
        """Load at once rather than at the first message, without holding up the bot."""
        start = time.monotonic()
        try:
            status = await self.client.ready()
        except InferenceError as error:
            log.error("%s", error)  # noqa: TRY400  the sentence says what to do, the trace would hide it
        else:
            log.info("the double of %s is ready after %.1f s", status.double, time.monotonic() - start)


_residents: dict[commands.Bot, Resident] = {}


async def setup(bot: Bot) -> None:
    """Provide GENERATE. Raises BrokenModel when there is no model where the config says."""
    client = await asyncio.to_thread(_client, bot.settings.model)
    _residents[bot] = Resident(client)
    bot.services.provide(GENERATE, client)


def _client(model: ModelSettings) -> WorkerClient | RemoteModel:
    if model.engine == "openai":
        return RemoteModel(model.path, model.url, model.served, model.key, model.serving)
    checked(model.path)
    return WorkerClient(model.path, model.folder, model.threads, model.serving, model.keep)


async def teardown(bot: commands.Bot) -> None:
    """End the worker, or leave it to the program that comes after this one."""
    assert isinstance(bot, Bot)
    resident = _residents.pop(bot, None)
    if resident is None:  # its set-up failed
        return
    resident.loading.cancel()
    await asyncio.gather(resident.loading, return_exceptions=True)
    if bot.handing is None:
        await resident.client.close()
    else:
        await resident.client.detach()
