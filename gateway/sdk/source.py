"""What mappings and templates may refer to: ``dossier.owner.name``, ``code:province``, ``delivery.id``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from gateway.core.codes import BLANKS
from gateway.sdk.budget import Budget
from gateway.sdk.paths import Path
from gateway.sdk.words import as_text

#: The roots of what goes out, of what comes in, and of a question.
OUTBOUND = frozenset({"event", "data", "dossier", "form", "delivery", "files", "code", "fact", "system"})
INBOUND = frozenset({"body", "query", "item"})
ASKING = frozenset({"request", "officer", "asked", "system"})
NAMED = frozenset({"code", "fact", "secret"})
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Missing(Exception):
    """A template refers to something that is not there; the text is the reference, never a value."""


class Late:
    """A document that is made when something refers to it, once."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], object]) -> None:
        self._make: Callable[[], object] | None = make
        self._made: object = None

    def document(self) -> object:
        """Return the document."""
        if self._make is not None:
            self._made, self._make = self._make(), None
        return self._made


@dataclass(frozen=True, slots=True)
class Source:
    """The documents that a reference looks into, by root; some of them ``Late``."""

    roots: Mapping[str, object]
    budget: Budget = field(default_factory=Budget, compare=False)  #: of what is computed from it

    def within(self, item: object, parent: object = None) -> Source:
        """Return the same with ``item`` as the current one of a list, which may be a list of ``parent``."""
        return Source({**self.roots, "item": item, "parent": parent}, self.budget)

    def document(self, root: str) -> object:
        """Return the document of a root; None where there is none."""
        found = self.roots.get(root)
        return found.document() if isinstance(found, Late) else found


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in a source."""

    text: str
    root: str
    path: Path | None

    @classmethod
    def parse(cls, text: str, roots: Collection[str]) -> Reference:
        """Read ``root.path``, ``code:scheme``, ``fact:name``; raises ValueError naming what is allowed."""
        root, colon, name = text.partition(":")
        if colon and root in NAMED and root in roots and name:
            return cls(text, root, Path((name,)))
        steps = Path.parse(text).steps
        if not steps or steps[0] not in roots or steps[0] in NAMED:
            raise ValueError(f"`{text}` starts with nothing known here; known are {', '.join(_shown(roots))}")
        return cls(text, str(steps[0]), Path(steps[1:]) if len(steps) > 1 else None)

    def find(self, source: Source) -> object:
        """Return what is there, or None."""
        document = source.document(self.root)
        return document if self.path is None else self.path.find(document)

    def read(self, source: Source) -> str:
        """Return what is there as a text; raises Missing."""
        text = as_text(self.find(source))
        if text is None:
            raise Missing(self.text)
        return text


class Trimmed(Reference):
    """A place in what a partner says: fields of fixed width are padded, and printed XML has blanks round its texts."""

    __slots__ = ()

    def find(self, source: Source) -> object:
        """Return what is there, a text without the blanks round it, or None."""
        found = super().find(source)
        return found.strip(BLANKS) if isinstance(found, str) else found


def _shown(roots: Collection[str]) -> list[str]:
    return sorted(f"{root}:…" if root in NAMED else root for root in roots)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with ``{references}``; ``{{`` and ``}}`` stand for braces."""

    parts: tuple[str | Reference, ...]

    @classmethod
    def parse(cls, text: str, roots: Collection[str], place: type[Reference] = Reference) -> Template:
        """Compile; raises ValueError for a stray brace or an unknown reference."""
        parts: list[str | Reference] = []
        position = 0
        for match in _PLACEHOLDER.finditer(text):
            parts.append(text[position : match.start()])
            parts.append(_placeholder(match, roots, place))
            position = match.end()
        parts.append(text[position:])
        return cls(tuple(part for part in parts if part != ""))

    def fill(self, source: Source) -> str:
        """Return the text; raises Missing."""
        return "".join(part if isinstance(part, str) else part.read(source) for part in self.parts)


def _placeholder(match: re.Match[str], roots: Collection[str], place: type[Reference]) -> str | Reference:
    if match[0] in ("{{", "}}"):
        return match[0][0]
    if match[1] is None:
        raise ValueError("a single brace: write {{ or }} for a brace, {name} for a reference")
    return place.parse(match[1], roots)


class Form:
    """A table of constants and templates, as deep as it is written in TOML."""

    def __init__(self, raw: object, roots: Collection[str], place: type[Reference] = Reference) -> None:
        """Compile; raises ValueError."""
        self._tree = _compiled(raw, roots, place)
        self.references = tuple(_references(self._tree))

    @property
    def constant(self) -> object:
        """Return what it is where it refers to nothing, else None."""
        return None if self.references else _fill(self._tree, Source({}))

    def fill(self, source: Source) -> object:
        """Return the table with every template filled; raises Missing."""
        return _fill(self._tree, source) if self._tree else type(self._tree)()  # most tables are empty


def _compiled(raw: object, roots: Collection[str], place: type[Reference]) -> object:
    if isinstance(raw, str):
        return Template.parse(raw, roots, place)
    if isinstance(raw, dict):
        return {key: _compiled(value, roots, place) for key, value in cast("dict[str, object]", raw).items()}
    return [_compiled(value, roots, place) for value in cast("list[object]", raw)] if isinstance(raw, list) else raw


def _references(tree: object) -> Iterator[Reference]:
    if isinstance(tree, Template):
        yield from (part for part in tree.parts if isinstance(part, Reference))
    elif isinstance(tree, dict | list):
        branches = cast("dict[str, object]", tree).values() if isinstance(tree, dict) else cast("list[object]", tree)
        for branch in branches:
            yield from _references(branch)


def _fill(tree: object, source: Source) -> object:
    if isinstance(tree, Template):
        return tree.fill(source)
    if isinstance(tree, dict):
        return {key: _fill(value, source) for key, value in cast("dict[str, object]", tree).items()}
    return [_fill(value, source) for value in cast("list[object]", tree)] if isinstance(tree, list) else tree
