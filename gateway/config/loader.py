"""Reading the operator's directory: everything valid, or every problem at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from gateway.config import calendar as calendars
from gateway.config import checks, overrides, sources, statuses
from gateway.config.blanks import Unfilled, blanks
from gateway.config.calendar import CalendarConfig
from gateway.config.overrides import Override
from gateway.config.settings import Configuration, RouteConfig, ServiceConfig, Settings, SystemConfig
from gateway.config.sources import Sources, Table
from gateway.config.statuses import StatusesConfig
from gateway.config.tables import Reader
from gateway.core.calendar import Calendar
from gateway.core.errors import ConfigError, Problem
from gateway.core.routing import Mode
from gateway.core.statuses import StatusBook

_T = TypeVar("_T", bound=msgspec.Struct)

_VERSION = 12  #: hex digits of the digest that name a configuration
_BELIEVED = frozenset({"mode", "endpoint"})  #: without either nobody knows which address is to be there
_NO_OVERRIDES: Mapping[str, str] = {}


class _Routes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``routes.toml``."""

    route: tuple[RouteConfig, ...] = ()


class _Services(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``services.toml``."""

    service: tuple[ServiceConfig, ...] = ()


def load(directory: Path, *, overrides: Mapping[str, str] = _NO_OVERRIDES) -> Configuration:
    """Return the configuration of a directory; ``overrides`` are ``--set`` keys and texts.

    Raises ConfigError with every problem of every file: syntax, unknown keys, wrong values, what does not fit together.
    """
    configuration, problems = examine(directory, overrides=overrides)
    if problems:
        raise ConfigError(*problems)
    return configuration


def load_settings(directory: Path) -> Settings:
    """Return the settings of ``gateway.toml``, though the other files may be in the middle of being edited.

    Raises ConfigError with every problem of that file.
    """
    configuration, problems = examine(directory)
    here = [one for one in problems if one.file in {"gateway.toml", str(directory)}]
    if here:
        raise ConfigError(*here)
    return configuration.settings


def examine(
    directory: Path, *, overrides: Mapping[str, str] = _NO_OVERRIDES
) -> tuple[Configuration, tuple[Problem, ...]]:
    """Return what could be read of a directory, and every problem; with problems it is not to be served."""
    return _Loading(directory, overrides).run()


def defaults() -> Settings:
    """Return the settings of ``defaults.toml``."""
    raw, problems = sources.defaults(), list[Problem]()
    settings = Reader(problems).read(raw, Settings, "defaults.toml")
    if settings is None:
        raise ConfigError(*problems)
    return settings


def beyond(problems: Iterable[Problem], found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return what is ``found`` beside ``problems``: nothing of a place that has been named already.

    In a file that cannot be read, or is still to be filled in, it would only be found that things are missing.
    """
    named = {(one.file, "" if isinstance(one, Unfilled) else one.key) for one in problems}
    return tuple(one for one in found if not named & {(one.file, ""), (one.file, one.key)})


def _sound(given: Table, problems: Iterable[Problem]) -> SystemConfig | None:
    """Return what is right of a system's file, so that the rest of it is looked at in the same round.

    None where it would only be found that things are missing: what it is, its secrets. Without a sound address it is
    called as little as one that is off.
    """
    faulty = {problem.key.partition(".")[0] for problem in problems}
    rest = {key: value for key, value in given.items() if key not in faulty}
    if faulty & _BELIEVED:
        rest["mode"] = Mode.OFF.value
    return None if "secrets" in faulty else Reader([]).read(rest, SystemConfig, "")


class _Loading:
    """One load: the files, what is wrong with them so far, and the overrides."""

    def __init__(self, directory: Path, asked: Mapping[str, str]) -> None:
        self._directory = directory
        self._asked = asked
        self._sources: Sources = sources.read(directory)
        self._problems: list[Problem] = self._sources.problems
        self._unread = {problem.file for problem in self._problems}  #: what is missing in them is no second fault
        tables = {Path(name).stem: table for name, table in self._sources.below("systems")}
        self._overrides: tuple[Override, ...] = overrides.read(asked, tables, self._problems)
        self._reader = Reader(self._problems, self._overrides)

    def run(self) -> tuple[Configuration, tuple[Problem, ...]]:
        """Read every file, then look at how they fit together if each is right by itself."""
        self._problems += self._strays()
        settings = self._settings()
        systems = self._systems()
        routes = self._table("routes.toml", _Routes, _Routes())
        services = self._table("services.toml", _Services, _Services())
        calendar = self._calendar()
        configuration = Configuration(
            version=self._version(settings),
            directory=str(self._directory),
            settings=settings,
            systems=systems,
            routes=routes.route,
            services=services.service,
            mappings=self._mappings(),
            calendar=calendar,
            statuses=self._statuses(),
            files=self._sources.public(),
            overrides=dict(self._asked),
        )
        if self._directory.is_dir():
            self._problems += checks.check(configuration, written=self._systems_written())
        unfilled = {(one.file, one.key): one for one in blanks(self._sources.tables)}
        read = (one for one in self._problems if not (one.key and one.file in self._unread))
        others = (one for one in read if (one.file, one.key) not in unfilled)
        return configuration, (*unfilled.values(), *others)

    def _settings(self) -> Settings:
        """Return the settings, the default's in place of each table that has faults: those are no faults of others."""
        given = self._sources.tables.get("gateway.toml", {})
        default, before = sources.defaults(), len(self._problems)
        merged = sources.merged(default, overrides.apply(self._overrides, "gateway.toml", given))
        settings = self._reader.read(merged, Settings, "gateway.toml")
        if settings is not None:
            return settings
        faulty = {problem.key.partition(".")[0] for problem in self._problems[before:]}
        sound = {name: table for name, table in merged.items() if name not in faulty}
        return Reader([]).read(sources.merged(default, sound), Settings, "gateway.toml") or defaults()

    def _systems(self) -> dict[str, SystemConfig]:
        found: dict[str, SystemConfig] = {}
        for file, table in self._sources.below("systems"):
            name = Path(file).stem
            self._problems += checks.identity(name, table.get("id"))
            given = overrides.apply(self._overrides, file, table)
            before = len(self._problems)
            system = self._reader.read(given, SystemConfig, file) or _sound(given, self._problems[before:])
            if system is not None and system.id == name:
                found[name] = system
        return found

    def _systems_written(self) -> frozenset[str]:
        """Return all ids that have a file, whole or not: a fault there is no second fault in a route."""
        return frozenset(Path(file).stem for file, _ in self._sources.below("systems"))

    def _calendar(self) -> Calendar:
        written = self._table(calendars.FILE, CalendarConfig, CalendarConfig())
        problems = tuple(written.problems())
        self._problems += problems
        return CalendarConfig().calendar() if problems else written.calendar()

    def _statuses(self) -> StatusBook:
        """Return the status tables; those of the default while the file has faults."""
        default = sources.default_statuses()
        merged = sources.merged(default, self._sources.tables.get(statuses.FILE, {}))
        written = self._reader.read(merged, StatusesConfig, statuses.FILE)
        problems = tuple(written.problems()) if written else ()
        self._problems += problems
        return msgspec.convert(default, StatusesConfig).book() if written is None or problems else written.book()

    def _table(self, file: str, kind: type[_T], empty: _T) -> _T:
        return self._reader.read(self._sources.tables.get(file, {}), kind, file) or empty

    def _mappings(self) -> dict[str, object]:
        """Return the mapping tables by name: those in TOML as read, a sheet as its bytes."""
        found = {
            file.removeprefix("mappings/").removesuffix(".toml"): cast("object", table)
            for file, table in self._sources.below("mappings")
        }
        for file, raw in self._sources.files.items():
            name = file.removeprefix("mappings/").removesuffix(".xlsx")
            if file == f"mappings/{name}.xlsx":
                if name in found:
                    text = f"there is a mappings/{name}.toml, too"
                    self._problems.append(Problem(file=file, key="", text=text, remedy="keep one of them"))
                found[name] = raw
        return found

    def _strays(self) -> list[Problem]:
        """Name files that nobody reads: most likely a slip in the name."""
        return [
            Problem(file=name, key="", text="nothing reads this file", remedy=sources.place_of(name))
            for name in self._sources.tables
            if not sources.is_read(name)
        ]

    def _version(self, settings: Settings) -> str:
        asked = overrides.describe(self._asked, public=bool(settings.server.public_url))
        digest = hashlib.sha256(self._sources.digest.encode() + asked)
        return digest.hexdigest()[:_VERSION]
