"""Documents of dicts and lists as XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from lxml import etree

from gateway.sdk.enclosed import Enclosed, Inserted, insertion
from gateway.sdk.words import as_text
from gateway.wire.attachments import Attachment, alternating, new_marker
from gateway.wire.xml import Element

_TEXT = "#text"


def xml_pieces(document: object, root: str, namespace: str, *, declared: bool) -> list[bytes | Attachment]:
    """Return a document as XML in UTF-8, with the files that it encloses between its texts; raises ValueError.

    ``root`` names the elements round it, ``hotich/hoso``. A list is an element for each item, ``@name`` an attribute,
    ``#text`` the text of an element that has attributes.
    """
    return _Writer(namespace).pieces(document, root.split("/"), declared=declared)


class _Writer:
    """Builds one tree, with a marker in the place of each file."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._files: list[Attachment] = []
        self._markers: list[str] = []

    def pieces(self, document: object, names: Sequence[str], *, declared: bool) -> list[bytes | Attachment]:
        prefixes = {None: self._namespace} if self._namespace else None
        holder = top = etree.Element(self._tag(names[0]), nsmap=cast("dict[str, str] | None", prefixes))
        for name in names[1:]:
            holder = etree.SubElement(holder, self._tag(name))
        self._fill(holder, document)
        text = etree.tostring(top, encoding="utf-8", xml_declaration=declared)
        texts: list[bytes] = []
        for marker in self._markers:
            before, _, text = text.partition(marker.encode())
            texts.append(before)
        return alternating([*texts, text], self._files)

    def _tag(self, name: str) -> str:
        if ":" in name or "{" in name:
            raise ValueError(f"{name!r} is no name of an element")
        return f"{{{self._namespace}}}{name}" if self._namespace else name

    def _fill(self, element: Element, value: object) -> None:
        if not isinstance(value, Mapping):
            element.text = self._text(value)
            return
        for name, below in cast("Mapping[str, object]", value).items():
            if name == _TEXT:
                element.text = self._text(below)
            elif name.startswith("@"):
                element.set(name[1:], self._text(below))
            else:
                self._add(element, name, below)

    def _add(self, parent: Element, name: str, value: object) -> None:
        for one in cast("list[object]", value) if isinstance(value, list) else [value]:
            self._fill(etree.SubElement(parent, self._tag(name)), one)

    def _text(self, value: object) -> str:
        if isinstance(value, Enclosed | Inserted):
            return "".join(map(self._piece, insertion(value).pieces))
        text = as_text(value)
        if text is None and value is not None:
            raise ValueError("a list or a table where a text goes")
        return text or ""

    def _piece(self, piece: str | Attachment) -> str:
        if isinstance(piece, str):
            return piece
        self._files.append(piece)
        self._markers.append(new_marker())
        return self._markers[-1]
