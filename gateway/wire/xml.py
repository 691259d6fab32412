"""The one XML parser: for everything that came from outside.

Refused before a tree is built: document type declarations (so no entity, no external reference), in any encoding, and
more attributes in all than anybody writes.
Refused while it grows: too many bytes, elements, levels, attributes of one element or namespaces at one place, and
processing instructions unless allowed.
Comments are dropped, so that a text never ends at one. Nothing is fetched, nothing recovered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

from lxml import etree

from gateway.wire.errors import PlacedError
from gateway.wire.xml_names import reading

Element: TypeAlias = etree._Element  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # lxml has no public name for it

_PREFIXED = re.compile(r"[^/:\[\]]+:([^/:\[\]]+)")
_LONGEST_TEXT = 10_000_000  #: of libxml2
#: How a document begins that is surely UTF-8; what it means to say then stands in it byte by byte.
_UTF_8 = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<[^?\0]|<\?xml(?:(?!\?>|encoding).)*(?:encoding=["'](?i:utf-8)["'][^<>]*)?\?>)""",
    re.DOTALL,
)
#: What says in single bytes that it is UTF-16.
_BELIED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^<>]*?encoding=["'](?i:utf-?16|ucs-?2)""")
_BOM, _DECLARATION = b"\xef\xbb\xbf", b"<?xml"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_BEGINNING = 256
_PROLOGUE_STEP = 512  #: what follows the prologue in the same step is read for nothing
_STEP = 64 * 1024
_ATTRIBUTES_OF_EACH = 4  #: element, on the average: one takes forty times the memory of its seven bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """How much one document may be.

    libxml2 itself stops at 256 levels and at texts of 10 million characters. Where ``max_bytes`` allows more than that,
    a text may be as long as the document: files of 8 MB come as base64 in one element.
    """

    max_bytes: int = 8 * 1024 * 1024
    max_elements: int = 100_000
    max_depth: int = 100
    max_attributes: int = 256  #: of one element: libxml2 finds each by going past those before it
    max_namespaces: int = 256  #: declared at and above one place: what is written of it repeats them
    instructions: bool = False  #: are processing instructions allowed? SOAP forbids them

    @property
    def huge(self) -> bool:
        """Whether libxml2's own limits on texts give way to ``max_bytes``."""
        return self.max_bytes > _LONGEST_TEXT


DEFAULT_LIMITS = XmlLimits()


class XmlError(PlacedError):
    """The bytes are not XML we accept.

    ``where`` is a place in the document ("line 3, column 14"), ``problem`` what is wrong there, ``remedy`` what the
    sender can do. None of them repeats what the document says.
    """


def parse(data: bytes, *, limits: XmlLimits = DEFAULT_LIMITS, encoding: str | None = None) -> Element:
    """Return the root element; ``encoding`` overrules what the document says of itself, but no mark of UTF-16 in front.

    Raises XmlError.
    """
    if len(data) > limits.max_bytes:
        problem = f"the document has {len(data)} bytes, more than the {limits.max_bytes} allowed"
        raise XmlError("document", problem, "send less, or attachments apart")
    most = _ATTRIBUTES_OF_EACH * limits.max_elements
    if data.count(b"=") > most:  # those in its texts count as well: to tell them apart is to read it
        raise XmlError("document", f"more than {most} signs =", "write elements instead of attributes")
    data = data if data.startswith(b"<") else _without_blanks(data)
    encoding = _encoding(data, encoding)
    reading(len(data))
    try:
        _refuse_doctype(data, encoding)
        return _build(data, limits, encoding)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None


def _encoding(data: bytes, told: str | None) -> str | None:
    """Return what a document is read by: its mark stands above what HTTP said (RFC 7303, 3.3).

    Single bytes that declare UTF-16 are no UTF-16, but a text of .NET's that was sent as UTF-8.
    """
    if data.startswith(_UTF_16):
        return None
    return told or ("utf-8" if _BELIED.match(data[:_LONGEST_BEGINNING]) else None)


def _without_blanks(data: bytes) -> bytes:
    """Take off the blank line that a script has let out before its document: no declaration may follow one."""
    plain = data.removeprefix(_BOM).lstrip(b" \t\r\n")
    return plain if plain.startswith(_DECLARATION) else data


def to_bytes(element: Element) -> bytes:
    """Return the element as a document in UTF-8, with its XML declaration and without its tail."""
    return etree.tostring(element, xml_declaration=True, encoding="utf-8", with_tail=False)


class LogEntry(Protocol):
    """What lxml notes of one error."""

    type_name: str  #: "ERR_TAG_NAME_MISMATCH"
    message: str  #: for nobody else as it is: it may repeat the document
    line: int
    column: int
    path: str | None  #: an XPath to the element


def log_entries(source: etree.LxmlError | etree.XMLSchema) -> list[LogEntry]:
    """Return the errors that lxml noted, in order."""
    return list(cast("Iterable[LogEntry]", source.error_log))


def logged_element(validated: Element, path: str) -> Element | None:
    """Return the element that an entry's path leads to, from the one that was validated.

    libxml2 writes the prefixes of the document, which need not be known where the path begins.
    """
    anywhere = _PREFIXED.sub(r"*[local-name()='\1']", path)
    try:
        found = cast("list[Element]", etree.ElementTree(validated).xpath(anywhere))
    except etree.XPathError:
        return None
    return found[0] if found else None


def _refuse_doctype(data: bytes, encoding: str | None) -> None:
    """Read the prologue only: a document type declaration can stand nowhere else.

    Not even that, where the document can hold none.
    """
    if encoding in {None, "utf-8"} and b"<!DOCTYPE" not in data and _UTF_8.match(data[:_LONGEST_BEGINNING]):
        return
    prologue = _Prologue()
    parser = etree.XMLParser(
        target=cast("etree.ParserTarget", prologue),  # lxml asks only for the methods it finds
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
    )
    for step in _steps(data, _PROLOGUE_STEP):
        parser.feed(step)
        if prologue.over:
            return


class _Prologue:
    """A parser target that builds nothing."""

    def __init__(self) -> None:
        self.over = False

    def start(self, _tag: str, _attributes: object) -> None:
        self.over = True

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise _doctype()

    def close(self) -> None:
        """Return nothing: there is no tree."""


def _build(data: bytes, limits: XmlLimits, encoding: str | None) -> Element:
    parser = etree.XMLPullParser(
        events=("start", "end", "pi", "start-ns", "end-ns"),
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=limits.huge,
        remove_comments=True,
    )
    growth = _Growth(limits)
    for step in _steps(data, _STEP):
        parser.feed(step)
        growth.check(parser)
    root = parser.close()
    growth.check(parser)
    if cast("etree.DTD | None", root.getroottree().docinfo.internalDTD) is not None:
        raise _doctype()
    return root


class _Growth:
    """Counts what the parser has built so far."""

    def __init__(self, limits: XmlLimits) -> None:
        self._limits = limits
        self._elements = 0
        self._depth = 0
        self._namespaces = 0

    def check(self, parser: etree.XMLPullParser) -> None:
        for event, node in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "start":
                self._elements += 1
                self._depth += 1
                self._check(node)
            elif event == "end":
                self._depth -= 1
            elif event == "start-ns":  # before the element that declares it, and no node
                self._namespaces += 1
            elif event == "end-ns":
                self._namespaces -= 1
            elif not self._limits.instructions:
                raise XmlError(_line(node), "a processing instruction is not allowed", "send the XML without it")

    def _check(self, node: Element) -> None:
        if self._elements > self._limits.max_elements:
            raise XmlError(_line(node), f"more than {self._limits.max_elements} elements", "send smaller documents")
        if self._depth > self._limits.max_depth:
            raise XmlError(
                _line(node), f"nested deeper than {self._limits.max_depth} levels", "send a flatter document"
            )
        if len(node.attrib) > self._limits.max_attributes:
            raise XmlError(_line(node), f"more than {self._limits.max_attributes} attributes", "write elements instead")
        if self._namespaces > self._limits.max_namespaces:
            problem = f"more than {self._limits.max_namespaces} namespaces"
            raise XmlError(_line(node), problem, "declare each once, at the root, and none that is not used")


def _steps(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data) or 1, size))


def _line(node: Element) -> str:
    return f"line {node.sourceline}"


def _doctype() -> XmlError:
    return XmlError("prologue", "a document type declaration (DOCTYPE) is not allowed", "send the XML without it")


def _malformed(error: etree.XMLSyntaxError) -> XmlError:
    entries = log_entries(error)
    line, column = (
        (error.lineno, error.offset) if error.lineno or not entries else (entries[-1].line, entries[-1].column)
    )
    where = f"line {line}, column {column}"
    kind = entries[-1].type_name if entries else "unknown"
    if kind == "ERR_RESOURCE_LIMIT":
        return XmlError(where, "deeper or larger than the parser takes", "send a flatter document, attachments apart")
    if kind.endswith("_ENCODING"):
        return XmlError(where, "neither UTF-8 nor of an encoding that it declares and that is known", "send UTF-8")
    return XmlError(where, f"not well-formed XML ({kind})", "check the document with an XML tool before sending it")
