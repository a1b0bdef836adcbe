"""Buttons, menus and forms behind the gate. Tied to discord.py's minor version, whose store of views it extends."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord.ui.view import BaseView, ViewStore

from patzta.framework.gate import Gate, declared_level
from patzta.framework.logs import about
from patzta.framework.scope import Registration, Scope, current, entered
from patzta.framework.tree import refusal
from patzta.permissions import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Interaction = discord.Interaction[Any]
    DynamicItems = type[discord.ui.DynamicItem[discord.ui.Item[Any]]]

log = logging.getLogger("patzta.views")

GONE = "This is from before an update of mine, so I no longer know what it does. Please run the command again."


class GatedViewStore(ViewStore):
    """Asks the gate before each click or form, and records views with the plugin that made them."""

    def __init__(self, state: Any, gate: Gate, owner: Callable[[object], Scope | None]) -> None:
        super().__init__(state)
        self._gate = gate
        self._owner = owner
        self._scopes: dict[BaseView, Scope] = {}

    def add_view(self, view: BaseView, message_id: int | None = None) -> None:
        """Record a view that a plugin sends or registers."""
        scope = current.get()
        if scope is None:
            super().add_view(view, message_id)
            return
        lingers = view.__discord_ui_modal__ or not view.is_persistent()
        undo = view.stop if lingers else partial(self._drop, view)
        self._scopes[view] = scope
        scope.register(
            Registration(("view", id(view)), partial(self._add, view, message_id, scope), undo, view, lingers)
        )

    def _add(self, view: BaseView, message_id: int | None, scope: Scope) -> None:
        before = dict(self._dynamic_items)
        super().add_view(view, message_id)
        met = {item for pattern, item in self._dynamic_items.items() if pattern not in before}
        # discord.py lets each view that is sent replace the items; an old version must not take them back.
        self._dynamic_items = before
        with entered(scope):
            self.add_dynamic_items(*met)

    def remove_view(self, view: BaseView) -> None:
        """Forget a view that ended; the dynamic items in it stay."""
        items = dict(self._dynamic_items)
        super().remove_view(view)
        self._dynamic_items = items
        if scope := self._scopes.pop(view, None):
            scope.forget(("view", id(view)))

    def _drop(self, view: BaseView) -> None:
        self._scopes.pop(view, None)
        for message_id, items in list(self._views.items()):
            kept = {key: item for key, item in items.items() if item.view is not view}
            self._views[message_id] = kept
            if not kept:
                del self._views[message_id]
        for message_id in [key for key, value in self._synced_message_views.items() if value is view]:
            del self._synced_message_views[message_id]

    def add_dynamic_items(self, *items: DynamicItems) -> None:
        """Record classes of items with the plugin that registers them."""
        scope = current.get()
        for item in items:
            apply = partial(super().add_dynamic_items, item)
            if scope is None:
                apply()
            else:
                scope.register(Registration(("items", item), apply, partial(self._forget_items, item), item))

    def _forget_items(self, item: DynamicItems) -> None:
        # By identity: the pattern may meanwhile belong to a newer class.
        for pattern in [key for key, value in self._dynamic_items.items() if value is item]:
            del self._dynamic_items[pattern]

    def remove_dynamic_items(self, *items: DynamicItems) -> None:
        """The reverse of ``add_dynamic_items``."""
        scope = current.get()
        for item in items:
            remove, put_back = partial(super().remove_dynamic_items, item), partial(super().add_dynamic_items, item)
            if scope is None:
                remove()
            else:
                scope.remove(("items", item), Registration(("no items", item), remove, put_back))

    def add_task(self, task: asyncio.Task[None]) -> None:
        """Count a handler as one of its plugin's."""
        super().add_task(task)
        if scope := current.get():
            scope.handlers.add(task)

    def dispatch_view(self, component_type: int, custom_id: str, interaction: Interaction) -> None:
        """Handle a click or choice, if the gate lets it."""
        found = partial(self._found, component_type, custom_id, interaction)
        go = partial(super().dispatch_view, component_type, custom_id, interaction)
        super().add_task(asyncio.create_task(self._ask(interaction, custom_id, found, go)))

    def dispatch_modal(self, custom_id: str, interaction: Interaction, components: list[Any], resolved: Any) -> None:
        """Handle a form, if the gate lets it."""
        go = partial(super().dispatch_modal, custom_id, interaction, components, resolved)
        super().add_task(asyncio.create_task(self._ask(interaction, custom_id, partial(self._form, custom_id), go)))

    def _form(self, custom_id: str) -> list[object]:
        return [self._modals[custom_id]] if custom_id in self._modals else []

    def _found(self, component_type: int, custom_id: str, interaction: Interaction) -> list[object]:
        """What would handle it: classes of dynamic items, or a view with its item."""
        found: list[object] = [item for pattern, item in self._dynamic_items.items() if pattern.fullmatch(custom_id)]
        message = interaction.message.id if interaction.message else None
        key = (component_type, custom_id)
        item = self._views.get(message, {}).get(key) or self._views.get(None, {}).get(key)
        return [*found, *([item.view, item] if item and item.view else [])]

    async def _ask(
        self, interaction: Interaction, action: str, found: Callable[[], list[object]], go: Callable[[], None]
    ) -> None:
        about(channel=interaction.channel_id, user=interaction.user.id, request=interaction.id)
        try:
            decision = await self._gate.decide(interaction.user.id, Level.OWNER)
            # Looked up after the wait, and nothing waits from here on: no reload can come between.
            things = found()
            needed = _needed(things)
            if things and decision.level >= needed:
                with entered(next(filter(None, map(self._owner, things)), None)):
                    go()
                return
            await interaction.response.send_message(refusal(needed, decision.level) if things else GONE, ephemeral=True)
            if things:
                await self._gate.note_denial(interaction.user.id, action)
        except Exception:
            # It runs in a task of its own: nobody else would ever see it.
            log.exception("component %s failed", action)


def _needed(things: Iterable[object]) -> Level:
    """The highest level declared among them; the owner's when none declares any."""
    declared = [declared_level(thing if isinstance(thing, type) else type(thing)) for thing in things]
    return max((level for level in declared if level is not None), default=Level.OWNER)
