"""XML whose binary contents travel apart: XOP's Include (W3C 2005), and ``cid:`` references of SOAP with Attachments.

A place that refers to a part is given a marker instead: base64, so that the document still fits its schema. Whoever
reads the document finds the marker, and with it the part. Nothing is ever put back inline: the same part included again
and again would make any document out of a small one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from urllib.parse import quote, unquote

from lxml import etree

from gateway.wire.attachments import new_marker
from gateway.wire.errors import WireError
from gateway.wire.xml import Element

NAMESPACE = "http://www.w3.org/2004/08/xop/include"
INCLUDE = f"{{{NAMESPACE}}}Include"
ANY = "*"  #: stands for every element
_SCHEME = "cid:"
_LONGEST = 2000  #: characters of a reference


class XopError(WireError):
    """A document refers to its parts in a way that cannot be followed.

    ``problem`` says how, ``remedy`` what the sender can do; neither repeats what the document says.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


def detach(root: Element, field: str | None = None) -> dict[str, str]:
    """Replace every reference to a part by a marker, and return the Content-ID for each marker; raises XopError.

    Without ``field`` any element may hold an ``xop:Include``. ``field`` names the one that may (``{namespace}name``, or
    ``ANY``); its text or its attribute ``href`` may then be a reference too, as SOAP with Attachments has them.
    """
    markers: dict[str, str] = {}
    for include in list(root.iter(INCLUDE)):
        parent = _holder(include, field)
        _mark(markers, parent, _included(include))
        parent.remove(include)
    for element in root.iter(field) if field else ():
        content_id = content_id_of(element.get("href", "") or (element.text or "").strip())
        if content_id is not None and not len(element):
            _mark(markers, element, content_id)
            element.attrib.pop("href", "")
    return {marker: content_id for content_id, marker in markers.items()}


def _holder(include: Element, field: str | None) -> Element:
    parent = include.getparent()
    if parent is None or len(parent) != 1 or (parent.text or "").strip() or (include.tail or "").strip():
        raise XopError("an xop:Include is not the only child of its element", "put nothing beside it")
    if field not in (None, ANY, parent.tag):
        raise XopError("an xop:Include stands where no file is expected", f"put it into {etree.QName(field).localname}")
    return parent


def _included(include: Element) -> str:
    if len(include) or (include.text or "").strip():
        raise XopError("an xop:Include is not empty", "put nothing into it")
    content_id = content_id_of(include.get("href", ""))
    if content_id is None:
        raise XopError("an xop:Include has no href to a part", 'write href="cid:…" with the part\'s Content-ID')
    return content_id


def content_id_of(reference: str) -> str | None:
    """Return the Content-ID that a ``cid:`` URL names (RFC 2392), None for anything else."""
    if reference[: len(_SCHEME)].lower() != _SCHEME or len(reference) > _LONGEST:
        return None
    try:
        return unquote(reference[len(_SCHEME) :], errors="strict") or None
    except UnicodeDecodeError:
        return None


def reference_to(content_id: str) -> str:
    """Return the ``cid:`` URL of a part."""
    return _SCHEME + quote(content_id, safe="")


def attach_includes(root: Element, content_ids: Mapping[str, str]) -> set[str]:
    """Put an ``xop:Include`` in the place of every marker, and return the markers that were found.

    ``content_ids`` are the parts' Content-IDs by marker. A marker counts where it is the whole text of an element.
    """
    found: set[str] = set()
    for element in marked(root, content_ids):
        marker = element.text or ""
        element.text = None
        href = reference_to(content_ids[marker])
        etree.SubElement(element, INCLUDE, nsmap={"xop": NAMESPACE}).set("href", href)
        found.add(marker)
    return found


def marked(root: Element, markers: Container[str]) -> list[Element]:
    """Return the elements whose whole content is one of these markers."""
    return [element for element in root.iter("*") if (element.text or "") in markers and not len(element)]


def _mark(markers: dict[str, str], element: Element, content_id: str) -> None:
    if content_id in markers:
        raise XopError("a part is referred to twice", "send it once for every place that it stands in")
    element.text = markers[content_id] = new_marker()
