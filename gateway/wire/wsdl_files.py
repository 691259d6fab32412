"""A WSDL's own files: read from its folder and from nowhere else, and its types compiled for validation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from gateway.wire.errors import WireError
from gateway.wire.xml import Element, XmlLimits, log_entries, logged_element, parse

_XSD = "http://www.w3.org/2001/XMLSchema"
_SCHEMA = f"{{{_XSD}}}schema"
_INLINE = "{http://schemas.xmlsoap.org/wsdl/}types/" + _SCHEMA
FILE_LIMITS = XmlLimits(max_bytes=16 * 1024 * 1024, max_elements=500_000, instructions=True)
_RPC = "urn:provincial-gateway:rpc"  #: of the stand-ins for the wrappers of rpc style
_PREFIX = re.compile(r"[^/:\[\]]+:")


class WsdlError(WireError):
    """A WSDL cannot be used; says which file, and what to do."""

    def __init__(self, file: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{file}: {problem}" + (f"; {remedy}" if remedy else ""))
        self.file = file
        self.problem = problem
        self.remedy = remedy


class WsdlFolder:
    """What zeep calls a transport: it opens files at or below the WSDL's folder, and nothing at all once sealed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open = True
        self.loaded: dict[str, bytes] = {}  #: content by absolute path, in the order asked for

    def load(self, url: str) -> bytes:
        """Return a file's content; raises WsdlError."""
        if not self._open:
            raise WsdlError(url, "nothing is loaded at run time", "declare every import in the WSDL's own files")
        path = self._path(url)
        if str(path) not in self.loaded:
            self.loaded[str(path)] = self._read(path, url)
        return self.loaded[str(path)]

    def documents(self) -> Iterator[Element]:
        """Yield the roots of all files that were loaded."""
        return (parse(data, limits=FILE_LIMITS) for data in self.loaded.values())

    def seal(self) -> None:
        """Refuse whatever is asked for from now on."""
        self._open = False

    def _path(self, url: str) -> Path:
        parts = urlsplit(url)
        if parts.scheme not in {"", "file"}:
            raise WsdlError(url, "the network is not read", "download it beside the WSDL and correct its location")
        path = Path(unquote(parts.path) if parts.scheme else url).resolve()
        if not path.is_relative_to(self._root):
            raise WsdlError(url, f"it lies outside {self._root}", "copy it beside the WSDL and correct its location")
        return path

    def _read(self, path: Path, url: str) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(FILE_LIMITS.max_bytes + 1)
        except OSError as error:
            raise WsdlError(url, f"cannot be read ({error.strerror})", "check the name and the rights") from error
        try:
            parse(data, limits=FILE_LIMITS)
        except WireError as error:
            raise WsdlError(str(path), str(error)) from error
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One parameter of a message in rpc style: named by the message, and of a type of the WSDL's."""

    name: str
    type: etree.QName


class SchemaGate:
    """The WSDL's types, compiled: tells where an element breaks them."""

    def __init__(self, folder: WsdlFolder, wrappers: Mapping[str, Sequence[Part]] | None = None) -> None:
        """``wrappers`` are what rpc style puts round its parts, which no schema declares, by any names."""
        self._schema = _compile(folder, wrappers or {})
        self._lock = Lock()  # a schema keeps the errors of its last validation

    def breach(self, element: Element, wrapper: str = "") -> tuple[str, str] | None:
        """Return the dotted path and the problem of the first breach, None where there is none. Never a value."""
        judged = _wrapped(element, wrapper) if wrapper else element
        with self._lock:
            if self._schema.validate(judged):
                return None
            entry = log_entries(self._schema)[0]
        path = _dotted(judged, entry.path or "")
        if wrapper:
            path = ".".join((etree.QName(element).localname, *path.split(".")[1:]))
        return path, _problem(entry.type_name)


def _wrapped(element: Element, wrapper: str) -> Element:
    """Return a copy under the wrapper's stand-in; it keeps the prefixes that values may use."""
    copy = etree.Element(f"{{{_RPC}}}{wrapper}", nsmap=cast("dict[str, str]", element.nsmap))
    copy.extend(deepcopy(child) for child in element)
    return copy


class _Resolver(etree.Resolver):
    """Answers libxml2 from the folder and from the schemas inside the WSDL, so that it opens nothing itself."""

    def __init__(self, folder: WsdlFolder) -> None:
        self._folder = folder
        self.inline: dict[str, tuple[bytes, str]] = {}  #: content and the place its own locations start from
        self.failed: WireError | None = None

    def resolve(self, system_url: str, public_id: str, context: object = None) -> object:
        del public_id
        try:
            data, base = self.inline.get(system_url) or (self._folder.load(system_url), system_url)
        except WireError as error:
            self.failed = self.failed or error
            raise
        return cast("_Answer", self).resolve_string(data, context, base_url=base)


class _Answer(Protocol):
    def resolve_string(self, string: bytes, context: object, *, base_url: str) -> object: ...


def _compile(folder: WsdlFolder, wrappers: Mapping[str, Sequence[Part]]) -> etree.XMLSchema:
    """Wrap all schemas into one; libxml2 heeds one import per namespace, so those of one namespace share a document."""
    resolver = _Resolver(folder)
    spaces: dict[str, list[str]] = {}
    for number, (space, data, base) in enumerate(_schemas(folder)):
        resolver.inline[f"inline:{number}"] = (data, base)
        spaces.setdefault(space, []).append(f"inline:{number}")
    root = etree.Element(_SCHEMA, targetNamespace=_RPC)
    for number, (space, names) in enumerate(spaces.items()):
        if len(names) > 1:
            names[:] = [_bundle(resolver, f"bundle:{number}", space, names)]
        entry = etree.SubElement(root, f"{{{_XSD}}}import", schemaLocation=names[0])
        if space:
            entry.set("namespace", space)
    for name, parts in wrappers.items():
        _declare(root, name, parts)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(resolver)
    try:
        return etree.XMLSchema(etree.fromstring(etree.tostring(root), parser))
    except etree.LxmlError as error:
        remedy = "correct them, or switch validation off for this system"
        own = WsdlError(next(iter(folder.loaded)), f"its types do not compile: {error}", remedy)
        raise resolver.failed or own from error


def _declare(root: Element, name: str, parts: Sequence[Part]) -> None:
    element = etree.SubElement(root, f"{{{_XSD}}}element", name=name)
    sequence = etree.SubElement(etree.SubElement(element, f"{{{_XSD}}}complexType"), f"{{{_XSD}}}sequence")
    for part in parts:
        space, local = part.type.namespace, part.type.localname
        nsmap = {"p": space} if space else None
        child = etree.SubElement(sequence, f"{{{_XSD}}}element", name=part.name, form="unqualified", nsmap=nsmap)
        child.set("type", f"p:{local}" if space else local)


def _bundle(resolver: _Resolver, name: str, space: str, names: list[str]) -> str:
    bundle = etree.Element(_SCHEMA, targetNamespace=space) if space else etree.Element(_SCHEMA)
    for one in names:
        etree.SubElement(bundle, f"{{{_XSD}}}include", schemaLocation=one)
    resolver.inline[name] = (etree.tostring(bundle), name)
    return name


def _schemas(folder: WsdlFolder) -> Iterator[tuple[str, bytes, str]]:
    """Yield namespace, document and base of every schema inside a WSDL, and of those imported by a WSDL itself."""
    for path, data in list(folder.loaded.items()):
        root = parse(data, limits=FILE_LIMITS)
        for schema in root.iterfind(_INLINE):
            yield schema.get("targetNamespace", ""), etree.tostring(schema, with_tail=False), path


def _dotted(element: Element, path: str) -> str:
    """Turn libxml2's XPath into the names of the fields, which it leaves out under a default namespace."""
    found = logged_element(element, path)
    if found is None:
        return ".".join(step for step in _PREFIX.sub("", path).split("/") if step)
    names = [etree.QName(found).localname]
    while found is not element and (parent := found.getparent()) is not None:
        names.append(etree.QName(parent).localname)
        found = parent
    return ".".join(reversed(names))


_PROBLEMS = (
    ("ENUMERATION", "is not one of the allowed values"),
    ("PATTERN", "does not have the required form"),
    ("LENGTH", "is too short or too long"),
    ("INCLUSIVE", "is out of range"),
    ("EXCLUSIVE", "is out of range"),
    ("DATATYPE", "is not a value of its type"),
    ("FACET", "breaks a limit of its type"),
    ("ELEMENT_CONTENT", "is missing, out of place or unknown, or a field beside it is"),
    ("COMPLEX_TYPE", "has an attribute that is missing or unknown"),
    ("ELT_1", "is not declared in the WSDL"),
)


def _problem(kind: str) -> str:
    text = next((text for part, text in _PROBLEMS if part in kind), "does not follow the WSDL's types")
    return f"{text} ({kind})"
