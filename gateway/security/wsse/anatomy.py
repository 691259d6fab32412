"""An envelope taken apart by position: what stands elsewhere is not seen, and what stands twice is refused."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from gateway.security.wsse.names import DS, SECURITY, WSU, ds, wsse, wsu, xenc
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.soap import SoapVersion
from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import Element

_WSU_ID = wsu("Id")
_EVERY_ID = etree.XPath("descendant-or-self::*/@*[translate(local-name(), 'ID', 'id') = 'id']", smart_strings=False)
_WSU_IDS = etree.XPath("descendant-or-self::*/@u:Id", namespaces={"u": WSU}, smart_strings=False)
_LONGEST = 16 * 1024  #: characters of base64 in one element of the header


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """The parts of a secured envelope, each in its only place."""

    version: SoapVersion
    envelope: Element = field(repr=False)
    header: Element = field(repr=False)
    body: Element = field(repr=False)
    security: Element = field(repr=False)
    timestamp: Element | None = field(repr=False)
    signature: Element | None = field(repr=False)
    username: Element | None = field(repr=False)
    encrypted_key: Element | None = field(repr=False)

    def named(self) -> Mapping[str, Element]:
        """Return what a signature may cover, by id: Body, header blocks, and what stands in the Security header."""
        blocks = (block for block in self.header.iterchildren("*") if block is not self.security)
        tokens = (child for child in self.security.iterchildren("*") if child is not self.signature)
        places = (self.body, *blocks, *tokens)
        return {name: place for place in places if (name := id_of(place)) is not None}


def is_secured(envelope: Element) -> bool:
    """Whether there is a Security header at all."""
    return envelope.find(f"{{*}}Header/{SECURITY}") is not None


def take_apart(envelope: Element) -> Anatomy:
    """Return the parts of an envelope; raises Unbelievable."""
    version = next((one for one in SoapVersion if envelope.tag == one.tag("Envelope")), None)
    if version is None:
        raise Unbelievable(Breach.MALFORMED, "Envelope")
    header = only(envelope, version.tag("Header"), Breach.MISSING)
    body = only(envelope, version.tag("Body"), Breach.MALFORMED)
    security = only(header, SECURITY, Breach.MISSING)
    parts = Anatomy(
        version=version,
        envelope=envelope,
        header=header,
        body=body,
        security=security,
        timestamp=at_most_one(security, wsu("Timestamp")),
        signature=at_most_one(security, ds("Signature")),
        username=at_most_one(security, wsse("UsernameToken")),
        encrypted_key=at_most_one(security, xenc("EncryptedKey")),
    )
    _refuse_repeated_ids(parts)
    return parts


def at_most_one(parent: Element, tag: str) -> Element | None:
    """Return the child of this name, if there is one; raises Unbelievable where there are two."""
    found = list(parent.iterchildren(tag))
    if len(found) > 1:
        raise Unbelievable(Breach.REPEATED, etree.QName(tag).localname)
    return found[0] if found else None


def only(parent: Element, tag: str, breach: Breach = Breach.MALFORMED) -> Element:
    """Return the one child of this name; raises Unbelievable."""
    found = at_most_one(parent, tag)
    if found is None:
        raise Unbelievable(breach, etree.QName(tag).localname)
    return found


def text_of(element: Element) -> str:
    """Return the text of an element that holds nothing else; raises Unbelievable."""
    if len(element):
        raise Unbelievable(Breach.MALFORMED, etree.QName(element).localname)
    return element.text or ""


def octets_of(element: Element, *, limit: int = _LONGEST) -> bytes:
    """Return what an element holds in base64; raises Unbelievable."""
    text = text_of(element)
    if len(text) <= limit:
        with suppress(ValueError):
            return base64.b64decode(unbroken(text), validate=True)
    raise Unbelievable(Breach.MALFORMED, etree.QName(element).localname)


def id_of(element: Element) -> str | None:
    """Return an element's id: ``wsu:Id``, or the plain ``Id`` that some stacks write instead."""
    return element.get(_WSU_ID) or element.get("Id")


def _refuse_repeated_ids(parts: Anatomy) -> None:
    """Refuse an id that anything else in the document has, too, whatever it calls its ids.

    Ids that only the application's own document uses are its own affair.
    """
    count = Counter(_values(_EVERY_ID, parts.envelope))
    ours = {*parts.named(), *_values(_EVERY_ID, parts.security), *_values(_WSU_IDS, parts.envelope)}
    if any(count[value] > 1 for value in ours):
        raise Unbelievable(Breach.REPEATED, "Id")


def _values(path: etree.XPath, element: Element) -> list[str]:
    return cast("list[str]", path(element))


def is_ds(element: Element) -> bool:
    """Whether an element is one of XML Signature."""
    return etree.QName(element).namespace == DS
