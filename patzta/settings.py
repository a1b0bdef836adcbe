"""Typed settings of the two bots, read from their ini files. A file with only ``[permissions]`` is complete."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Literal, get_args

from patzta.chat.patience import Patience
from patzta.inference.contract import QUANTISATIONS, Serving
from patzta.ini import Entry, IniFile, SettingsError, variable
from patzta.jobs.settings import JobSettings
from patzta.keys import KEYS, SHELL_KEYS, Key
from patzta.permissions import Level, Rules, TrustedRole

ROOT = Path(__file__).parents[1]
"""The checkout: relative paths in a config start here."""
DATA = Path(os.environ.get("PATZTA_DATA", ROOT / "data")).resolve()
"""What the bots keep."""

Engine = Literal["local", "openai"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

PLACEHOLDER = "YOUR_DISCORD_ID"
LONGEST_ID = 20
"""Digits of a 64-bit number."""
GREETING = (
    "I am an AI double: a language model that learned from {double}'s chats. I write like {double}, I can be wrong, and"
    " {double} does not read along here. `/about` says more, `/privacy` what is kept of you."
)
NOT_SETTINGS = ("PATZTA_DATA", "PATZTA_HANDED", "PATZTA_SANDBOX_RECORD", "PATZTA_JOB", "PATZTA_ENDS")
"""Variables of the environment with our prefix that stand for no key."""


@dataclass(frozen=True, slots=True)
class Program:
    """One of the bots: what its files are called, what it is about, and what it loads when nothing is said."""

    name: str
    about: str
    bot: str
    extensions: str
    cogs: str

    @property
    def config(self) -> str:
        """The name of its config."""
        return f"{self.name}_config.ini"

    @property
    def token(self) -> str:
        """The name of the file with its secret."""
        return f"{self.name}_token.txt"


PATZTABOT = Program(
    "patztabot",
    "An AI double on Discord.",
    "patztabot22",
    "database model",
    "lifecycle permissions communication evaluation model",
)
SHELLBOT = Program(
    "shellbot", "Runs and watches jobs from Discord.", "shellbot", "database jobs", "lifecycle jobs views"
)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which double is loaded and how it speaks.

    ``threads`` 0 leaves the choice to the worker, None elsewhere to the model. ``folder`` is where the worker is found,
    ``keep`` how many seconds it stays without a bot. With the ``engine`` "openai" there is no worker: a server at
    ``url`` that has the model under the name ``served`` is asked, with ``key`` if there is one.
    """

    path: Path
    folder: Path
    serving: Serving
    keep: float
    threads: int
    temperature: float | None
    top_p: float | None
    max_new_tokens: int | None
    engine: Engine
    url: str
    served: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommunicationSettings:
    """How the double takes part.

    ``patience`` is how people are let finish; ``history`` how many messages it looks back at least; ``catch_up`` how
    many hours back it answers what came while it was away; ``pace`` how many characters it types a second (0: as fast
    as it can); ``silent`` the time of day when it says nothing; ``bots`` the ids of bots that it answers; ``per_user``
    and ``per_place`` how many answers it gives an hour; ``greeting`` what it says to a person on first contact.
    """

    patience: Patience
    history: int
    catch_up: float
    pace: float
    silent: tuple[time, time] | None
    bots: frozenset[int]
    per_user: int
    per_place: int
    greeting: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a config says.

    ``name`` is the prefix of the bot's channels; ``dataset`` holds what the model was not trained on, ``reports`` has a
    folder a model; commands are registered on ``guilds`` only, when there are any; this process is ``shard`` (from 0)
    of the bot's ``shards``; with ``notice`` the owner is told of each stranger who writes; where it is ``closed``,
    nobody has permission but by the config.
    """

    rules: Rules
    closed: bool
    notice: bool
    extensions: tuple[str, ...]
    cogs: tuple[str, ...]
    name: str
    guilds: tuple[int, ...]
    shard: int
    shards: int
    database: str
    communication: CommunicationSettings
    dataset: Path
    reports: Path
    model: ModelSettings
    jobs: JobSettings


def read_settings(path: Path, data: Path = DATA, model: Path = DATA / "models" / "me") -> Settings:
    """Read patztabot's config, which by default keeps its things in ``data`` and loads ``models/NAME`` at ``model``.

    Datasets are beside the folder of models. Raises SettingsError.
    """
    return settings_in(IniFile(path, KEYS, (*NOT_SETTINGS, *_variables(SHELL_KEYS))), data, model)


def settings_in(ini: IniFile, data: Path, model: Path) -> Settings:
    """What patztabot's config says. Raises SettingsError."""
    notice = ini.yes("permissions", "notice", default=True)
    return _settings(ini, PATZTABOT, Rules(_default(ini), _saved(ini), _roles(ini)), data, model, notice=notice)


def read_shell_settings(path: Path, data: Path = DATA, *, who: bool = True) -> Settings:
    """Read shellbot's config. Its file alone says who may use it, which is left out without ``who``.

    Raises SettingsError.
    """
    others = (*NOT_SETTINGS, *_variables(KEYS))
    return shell_settings_in(IniFile(path, SHELL_KEYS, others, firm=("permissions",)), data, who=who)


def shell_settings_in(ini: IniFile, data: Path, *, who: bool = True) -> Settings:
    """What shellbot's config says. Raises SettingsError."""
    rules = Rules(Level.IGNORED, dict.fromkeys(_admins(ini), Level.OWNER) if who else {})
    return _settings(ini, SHELLBOT, rules, data, DATA / "models" / "me", closed=True)


def _variables(keys: Mapping[str, Mapping[str, Key]]) -> list[str]:
    return [variable(section, key) for section, keys in keys.items() for key in keys]


def _settings(
    ini: IniFile, program: Program, rules: Rules, data: Path, model: Path, *, notice: bool = False, closed: bool = False
) -> Settings:
    folder = _folder(ini, "model", "path", model)
    shards = int(ini.number("discord", "shards", 1, 1, 100_000))
    return Settings(
        rules=rules,
        closed=closed,
        notice=notice,
        extensions=ini.words("plugins", "extensions", program.extensions),
        cogs=ini.words("plugins", "cogs", program.cogs),
        name=ini.text("bot", "name", program.bot),
        guilds=tuple(_id(ini, "discord", "guilds", word, "SERVER_ID") for word in ini.words("discord", "guilds", "")),
        shard=int(ini.number("discord", "shard", 0, 0, shards - 1)),
        shards=shards,
        database=_database(ini, data / f"{program.name}.db"),
        communication=_communication(ini),
        dataset=_folder(ini, "evaluation", "dataset", model.parents[1] / "datasets" / folder.name),
        reports=_folder(ini, "evaluation", "reports", data / "reports"),
        model=_model(ini, folder, data),
        jobs=_jobs(ini, data),
    )


def _model(ini: IniFile, folder: Path, data: Path) -> ModelSettings:
    longest = ini.optional("model", "max_new_tokens", 1, 100_000)
    return ModelSettings(
        path=folder,
        # On storage that machines share, each has a worker of its own.
        folder=data / "worker" / platform.node(),
        serving=_serving(ini),
        keep=60 * ini.number("model", "keep", 10, 0.1, 24 * 60),
        threads=int(ini.number("model", "threads", 0, 0, 1024)),
        temperature=ini.optional("model", "temperature", 0.01, 5),
        top_p=ini.optional("model", "top_p", 0.01, 1),
        max_new_tokens=None if longest is None else int(longest),
        engine=_engine(ini),
        url=_url(ini),
        served=ini.text("model", "served", folder.name),
        key=ini.text("model", "key", ""),
    )


def _engine(ini: IniFile) -> Engine:
    engine = ini.text("model", "engine", "local")
    if engine not in ENGINES:
        raise ini.error("model", "engine", f"'{engine}' is none of {', '.join(ENGINES)}")
    return engine


def _url(ini: IniFile) -> str:
    url = ini.text("model", "url", "http://127.0.0.1:8000/v1")
    if not url.startswith(("http://", "https://")):
        raise ini.error("model", "url", f"'{url}' is no address like http://127.0.0.1:8000/v1")
    return url.rstrip("/")


def _serving(ini: IniFile) -> Serving:
    quantisation = ini.text("model", "quantisation", "nf4")
    if quantisation not in QUANTISATIONS:
        raise ini.error("model", "quantisation", f"'{quantisation}' is none of {', '.join(QUANTISATIONS)}")
    return Serving(
        quantisation,
        context=int(ini.number("model", "context", 4096, 128, 1_000_000)),
        together=int(ini.number("model", "together", 8, 1, 1024)),
        queue=int(ini.number("model", "queue", 64, 1, 100_000)),
        remote_code=ini.yes("model", "remote_code", default=False),
    )


def _jobs(ini: IniFile, data: Path) -> JobSettings:
    return JobSettings(
        folder=_folder(ini, "jobs", "folder", data / "jobs"),
        cwd=_folder(ini, "jobs", "cwd", Path.home()),
        limit=int(ini.number("jobs", "limit", 0, 0, 100_000)),
        grace=ini.number("jobs", "grace", 5, 0.1, 3600),
        environment=ini.words("jobs", "environment", ""),
    )


def _communication(ini: IniFile) -> CommunicationSettings:
    section = "communication"
    greeting = ini.text(section, "greeting", GREETING)
    return CommunicationSettings(
        patience=Patience(ini.number(section, "quiet", 2, 0, 60), ini.number(section, "longest", 15, 0, 600)),
        history=int(ini.number(section, "history", 60, 1, 500)),
        catch_up=ini.number(section, "catch_up", 24, 0, 24 * 14),
        pace=ini.number(section, "pace", 0, 0, 1000),
        silent=_hours(ini, section, "silent"),
        bots=frozenset(_id(ini, section, "bots", word, "BOT_ID") for word in ini.words(section, "bots", "")),
        per_user=int(ini.number(section, "per_user", 120, 1, 100_000)),
        per_place=int(ini.number(section, "per_place", 240, 1, 100_000)),
        greeting="" if greeting == "no" else greeting,
    )


def _hours(ini: IniFile, section: str, key: str) -> tuple[time, time] | None:
    text = ini.text(section, key, "")
    if not text:
        return None
    try:
        begin, end = (time.fromisoformat(part.strip().zfill(5)) for part in text.split("-"))
    except ValueError:
        raise ini.error(section, key, f"'{text}' is not two times of day like 22:00-07:00") from None
    return begin, end


def _folder(ini: IniFile, section: str, key: str, default: Path) -> Path:
    try:
        return ROOT / Path(ini.text(section, key, str(default))).expanduser()
    except RuntimeError as error:
        raise ini.error(section, key, str(error)) from error


def _database(ini: IniFile, default: Path) -> str:
    """The address, a file's path made absolute: relative ones start at the checkout."""
    text = ini.text("database", "url", f"sqlite+aiosqlite:///{default}")
    kind, found, file = text.partition(":///")
    if not found and "://" not in text:
        raise ini.error(
            "database", "url", "is no address like sqlite+aiosqlite:///FILE or postgresql+asyncpg://HOST/NAME"
        )
    return f"{kind}:///{ROOT / file}" if kind.startswith("sqlite") and file not in {"", ":memory:"} else text


def _id(ini: IniFile, section: str, key: str, text: str, wanted: str, entry: Entry | None = None) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise ini.error(section, key, f"'{text}' is not a number; wanted is '{wanted}'", entry)
    return int(text)


def _level(ini: IniFile, key: str, text: str, highest: Level, entry: Entry | None = None) -> Level:
    level = Level.named(text)
    if level is None or level > highest:
        allowed = ", ".join(f"{int(level)} ({level.title})" for level in Level if level <= highest)
        raise ini.error("permissions", key, f"'{text}' is no level; allowed are {allowed}", entry)
    return level


def _default(ini: IniFile) -> Level:
    return _level(ini, "default", ini.text("permissions", "default", "0"), Level.ADMIN)


def _saved(ini: IniFile) -> dict[int, Level]:
    saved: dict[int, Level] = {}
    for entry in ini.entries("permissions", "saved"):
        user, level = (*entry.text.split(None, 1), "")[:2]
        if user == PLACEHOLDER:
            raise ini.error("permissions", "saved", _OWN_ID, entry)
        user_id = _id(ini, "permissions", "saved", user, "DISCORD_ID LEVEL", entry)
        if user_id in saved:
            raise ini.error("permissions", "saved", f"{user} stands there twice", entry)
        saved[user_id] = _level(ini, "saved", level, Level.OWNER, entry)
    return saved


def _admins(ini: IniFile) -> list[int]:
    entries = ini.entries("permissions", "admins")
    if not entries:
        raise SettingsError(f"{ini.path}: name who may use this bot, under [permissions] admins, one user ID a line.")
    for entry in entries:
        if entry.text == PLACEHOLDER:
            raise ini.error("permissions", "admins", _OWN_ID, entry)
    return [_id(ini, "permissions", "admins", entry.text, "DISCORD_ID", entry) for entry in entries]


def _roles(ini: IniFile) -> tuple[TrustedRole, ...]:
    return tuple(_role(ini, entry) for entry in ini.entries("permissions", "roles"))


def _role(ini: IniFile, entry: Entry) -> TrustedRole:
    """A role's name may have blanks: the server is the first word, the level the last."""
    guild, *role, level = entry.text.split() if len(entry.text.split()) > 2 else ("", "", "")
    if not guild:
        raise ini.error("permissions", "roles", f"'{entry.text}' is not 'SERVER_ID ROLE LEVEL'", entry)
    guild_id = _id(ini, "permissions", "roles", guild, "SERVER_ID ROLE LEVEL", entry)
    return TrustedRole(guild_id, " ".join(role), _level(ini, "roles", level, Level.ADMIN, entry))


_OWN_ID = (
    f"put your own Discord user ID in place of {PLACEHOLDER}. In Discord: Settings, Advanced, switch on Developer Mode;"
    " then right-click your name, Copy User ID"
)

__all__ = [
    "DATA",
    "PATZTABOT",
    "PLACEHOLDER",
    "ROOT",
    "SHELLBOT",
    "ModelSettings",
    "Program",
    "Settings",
    "SettingsError",
    "read_settings",
    "read_shell_settings",
]
