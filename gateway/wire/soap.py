"""SOAP 1.1 and 1.2 envelopes: read, checked and written without knowing a WSDL.

SOAP 1.1: W3C Note of 8 May 2000; SOAP 1.2: W3C Recommendation, part 1. Fault codes go by their 1.1 names everywhere but
on the wire.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from lxml import etree

from gateway.model.texts import said
from gateway.wire.content_type import ContentType
from gateway.wire.errors import WireError
from gateway.wire.xml import DEFAULT_LIMITS, Element, XmlError, XmlLimits, parse

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NEXT_11 = "http://schemas.xmlsoap.org/soap/actor/next"
_ROLES_12 = "http://www.w3.org/2003/05/soap-envelope/role/"
_OURS = frozenset({"", _NEXT_11, _ROLES_12 + "next", _ROLES_12 + "ultimateReceiver"})
_CHARSETS = {None: None, "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "utf-16": None}


class SoapVersion(Enum):
    """The two versions, by namespace."""

    V11 = "http://schemas.xmlsoap.org/soap/envelope/"
    V12 = "http://www.w3.org/2003/05/soap-envelope"

    @property
    def namespace(self) -> str:
        """The envelope's namespace."""
        return self.value

    @property
    def number(self) -> str:
        """Its number: ``1.1`` or ``1.2``."""
        return "1.1" if self is SoapVersion.V11 else "1.2"

    @property
    def media_type(self) -> str:
        """What an HTTP message of this version declares."""
        return "text/xml" if self is SoapVersion.V11 else "application/soap+xml"

    def content_type(self, action: str | None = None) -> str:
        """Return the Content-Type header; SOAP 1.2 carries its action there, 1.1 in the SOAPAction header."""
        text = f"{self.media_type}; charset=utf-8"
        return f'{text}; action="{action}"' if action and self is SoapVersion.V12 else text

    def tag(self, name: str) -> str:
        """Return a name of the envelope's namespace, as lxml writes it."""
        return f"{{{self.value}}}{name}"


class FaultCode(StrEnum):
    """Who is to blame, under the names of SOAP 1.1."""

    CLIENT = "Client"  #: the message is wrong: the same message fails again
    SERVER = "Server"  #: the message may succeed later
    VERSION_MISMATCH = "VersionMismatch"
    MUST_UNDERSTAND = "MustUnderstand"


_CODES_12 = {FaultCode.CLIENT: "Sender", FaultCode.SERVER: "Receiver"}


class SoapProblem(WireError):
    """A request that must be answered with a Fault; ``reasons`` holds its text by language, Vietnamese first.

    ``name`` is the problem's stable code; without one it is about a header, of which no detail may speak (SOAP 1.1,
    4.4). ``subcode`` is what another specification calls it, as lxml writes it: ``{namespace}name``.
    """

    def __init__(self, code: FaultCode, *, vi: str, en: str, name: str = "", subcode: str = "") -> None:
        super().__init__(en)
        self.code = code
        self.name = name
        self.subcode = subcode
        self.reasons: Mapping[str, str] = {"vi": vi, "en": en}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Envelope:
    """A SOAP message taken apart."""

    version: SoapVersion
    headers: tuple[Element, ...] = field(repr=False)
    body: Element = field(repr=False)  #: the one child of Body
    action: str | None = None  #: of SOAP 1.2's Content-Type


def parse_envelope(data: bytes, content_type: str | None = None, *, limits: XmlLimits = DEFAULT_LIMITS) -> Element:
    """Return the root of a request, whatever it is; raises SoapProblem.

    ``content_type`` None accepts what the document says of itself.
    """
    return _parse(data, _declared(content_type), limits)


def open_envelope(root: Element, content_type: str | None, *, understood: Collection[str]) -> Envelope:
    """Take a request apart; raises SoapProblem.

    ``understood`` holds names of header blocks as lxml writes them: ``{namespace}name``.
    """
    declared = _declared(content_type)
    version = _version(root, declared)
    headers, body = _parts(root, version)
    _check_understood(headers, version, understood)
    return Envelope(version=version, headers=headers, body=body, action=declared.action if declared else None)


def envelope_of(version: SoapVersion, body_child: Element) -> Element:
    """Return an envelope with this one child in its Body. The child is moved, not copied."""
    envelope, body = _empty(version)
    body.append(body_child)
    return envelope


def fault_of(
    version: SoapVersion,
    code: FaultCode,
    reasons: Mapping[str, str],
    detail: Element | None = None,
    *,
    subcode: str = "",
) -> Element:
    """Return an envelope with a Fault, to be sent with HTTP status 500: the one status every client reads.

    ``reasons`` are texts by language: SOAP 1.1 carries the first, 1.2 all. ``detail`` becomes the child of the Fault's
    detail; it is moved, not copied. ``subcode`` stands below the code in 1.2 and in its place in 1.1.
    """
    envelope, body = _empty(version)
    fault = etree.SubElement(body, version.tag("Fault"))
    fill = _fill_11 if version is SoapVersion.V11 else _fill_12
    place = fill(fault, code, reasons, subcode)
    if detail is not None:
        etree.SubElement(fault, place).append(detail)
    return envelope


def _fill_11(fault: Element, code: FaultCode, reasons: Mapping[str, str], subcode: str) -> str:
    language, reason = next(iter(reasons.items()))
    if subcode:
        _name(fault, "faultcode", subcode)
    else:
        etree.SubElement(fault, "faultcode").text = f"soap:{code}"
    text = etree.SubElement(fault, "faultstring")
    text.text = reason
    text.set(_LANG, language)
    return "detail"


def _fill_12(fault: Element, code: FaultCode, reasons: Mapping[str, str], subcode: str) -> str:
    version = SoapVersion.V12
    top = etree.SubElement(fault, version.tag("Code"))
    etree.SubElement(top, version.tag("Value")).text = f"soap:{_CODES_12.get(code, code)}"
    if subcode:
        _name(etree.SubElement(top, version.tag("Subcode")), version.tag("Value"), subcode)
    reason = etree.SubElement(fault, version.tag("Reason"))
    for language, words in reasons.items():
        text = etree.SubElement(reason, version.tag("Text"))
        text.text = words
        text.set(_LANG, language)
    return version.tag("Detail")


def _name(parent: Element, tag: str, name: str) -> None:
    """Write a qualified name as a text, with a prefix of its own."""
    called = etree.QName(name)
    element = etree.SubElement(parent, tag, nsmap={"sub": called.namespace or ""})
    element.text = f"sub:{called.localname}"


def _empty(version: SoapVersion) -> tuple[Element, Element]:
    envelope = etree.Element(version.tag("Envelope"), nsmap={"soap": version.namespace})
    return envelope, etree.SubElement(envelope, version.tag("Body"))


def _declared(content_type: str | None) -> ContentType | None:
    return ContentType.parse(content_type) if content_type is not None else None


def _parse(data: bytes, declared: ContentType | None, limits: XmlLimits) -> Element:
    charset = declared.charset if declared else None
    if charset not in _CHARSETS:
        raise SoapProblem(
            FaultCode.CLIENT,
            name="encoding.unreadable",
            vi="Bảng mã khai trong Content-Type không được hỗ trợ; hãy gửi UTF-8.",
            en="The charset declared in Content-Type is not supported; send UTF-8.",
        )
    try:
        return parse(data, limits=limits, encoding=_CHARSETS[charset])
    except XmlError as error:
        vi = f"XML bị từ chối: {said(str(error), 'vi')}."
        raise SoapProblem(FaultCode.CLIENT, name="xml.invalid", vi=vi, en=f"XML refused: {error}.") from error


def _version(root: Element, declared: ContentType | None) -> SoapVersion:
    version = next((one for one in SoapVersion if root.tag == one.tag("Envelope")), None)
    if version is None:
        raise SoapProblem(
            FaultCode.VERSION_MISMATCH,
            name="soap.version",
            vi="Phần tử gốc không phải Envelope của SOAP 1.1 hoặc 1.2.",
            en="The root element is not the Envelope of SOAP 1.1 or 1.2.",
        )
    if declared is not None and declared.media_type != version.media_type:
        is_the_others = any(declared.media_type == one.media_type for one in SoapVersion)
        raise SoapProblem(
            FaultCode.VERSION_MISMATCH if is_the_others else FaultCode.CLIENT,
            name="media_type.unsupported",
            vi=f"Envelope này phải gửi với Content-Type {version.media_type}.",
            en=f"This envelope must be sent with the Content-Type {version.media_type}.",
        )
    return version


def _parts(root: Element, version: SoapVersion) -> tuple[tuple[Element, ...], Element]:
    names = [child.tag for child in root.iterchildren("*")]
    allowed = ([version.tag("Body")], [version.tag("Header"), version.tag("Body")])
    body = root.find(version.tag("Body"))
    children = list(body.iterchildren("*")) if body is not None else []
    if names not in allowed or len(children) != 1:
        raise SoapProblem(
            FaultCode.CLIENT,
            name="soap.envelope",
            vi="Envelope phải có tối đa một Header rồi đúng một Body, và Body phải có đúng một phần tử con.",
            en="The Envelope must have at most one Header, then one Body, and the Body exactly one child element.",
        )
    header = root.find(version.tag("Header"))
    return tuple(header.iterchildren("*")) if header is not None else (), children[0]


def not_understood(headers: Iterable[Element], version: SoapVersion, understood: Collection[str]) -> str | None:
    """Return the name of the first header block that is meant for us, must be understood and is not."""
    target = version.tag("actor" if version is SoapVersion.V11 else "role")
    for header in headers:
        must = header.get(version.tag("mustUnderstand"), "").strip() in {"1", "true"}
        if must and header.get(target, "") in _OURS and header.tag not in understood:
            return header.tag
    return None


def _check_understood(headers: tuple[Element, ...], version: SoapVersion, understood: Collection[str]) -> None:
    if not_understood(headers, version, understood) is not None:
        raise SoapProblem(
            FaultCode.MUST_UNDERSTAND,
            vi="Có Header bắt buộc phải hiểu (mustUnderstand) mà cổng không hỗ trợ.",
            en="A header marked mustUnderstand is not supported here.",
        )
