"""Whether what a partner shows in a look-up is what we would have sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader
from gateway.sdk.rules import Reply
from gateway.sdk.source import OUTBOUND, Missing, Source, Template
from gateway.sdk.words import as_text, folded


@dataclass(frozen=True, slots=True)
class Same:
    """Places of a reply, each with the text of ours that must stand there; compared in NFC and without case."""

    pairs: tuple[tuple[Path, Template], ...] = ()

    def holds(self, reply: Reply, source: Source) -> bool:
        """Whether every place shows ours; something that is missing on either side differs."""
        return all(_agree(path, template, reply, source) for path, template in self.pairs)


def _agree(path: Path, template: Template, reply: Reply, source: Source) -> bool:
    shown = as_text(path.find(reply.document))
    try:
        return shown is not None and folded(shown) == folded(template.fill(source))
    except Missing:
        return False


def compile_same(raws: Mapping[str, str], key: str, reader: Reader) -> Same:
    """Compile ``same`` of a look-up; problems are noted."""
    made = (reader.made(f'{key}."{place}"', _pair, place, text) for place, text in raws.items())
    return Same(tuple(pair for pair in made if pair is not None))


def _pair(place: str, text: str) -> tuple[Path, Template]:
    return Path.parse(place), Template.parse(text, OUTBOUND)
