"""KeyInfo only picks among the certificates that we know. What it brings along is compared, and never trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from lxml import etree

from gateway.security.certificates import Pinned
from gateway.security.wsse.anatomy import Anatomy, at_most_one, octets_of, only, text_of
from gateway.security.wsse.names import THUMBPRINT, X509_SKI, X509_V3, ds, wsse
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element

_DIGITS = 60  #: of a serial number: RFC 5280 allows 20 octets
_Fits: TypeAlias = Callable[[Pinned], bool]

_IDENTIFIERS: Mapping[str, Callable[[bytes], _Fits]] = MappingProxyType(
    {
        X509_SKI: lambda octets: lambda one: one.key_identifier == octets,
        THUMBPRINT: lambda octets: lambda one: one.thumbprint == octets,
        X509_V3: lambda octets: lambda one: one.der == octets,
    }
)


def pick(key_info: Element, parts: Anatomy, known: Sequence[Pinned]) -> tuple[Pinned, ...]:
    """Return those of the known certificates that a KeyInfo can mean, at least one; raises Unbelievable."""
    reference = at_most_one(key_info, wsse("SecurityTokenReference"))
    place = _single(key_info if reference is None else reference)
    fits = _MEANINGS.get(str(place.tag), _unknown)(place, parts)
    found = tuple(one for one in known if fits(one))
    if not found:
        raise Unbelievable(Breach.UNKNOWN_KEY)
    return found


def _single(element: Element) -> Element:
    children = list(element.iterchildren("*"))
    if len(children) != 1:
        raise Unbelievable(Breach.MALFORMED, etree.QName(element).localname)
    return children[0]


def _reference(element: Element, parts: Anatomy) -> _Fits:
    """Read a direct reference: to a BinarySecurityToken that stands in the Security header, and nowhere else."""
    name = element.get("URI", "")
    token = parts.named().get(name[1:]) if name.startswith("#") else None
    if token is None or token.getparent() is not parts.security:
        raise Unbelievable(Breach.MALFORMED, "Reference")
    return _token(token)


def _embedded(element: Element, _: Anatomy) -> _Fits:
    return _token(only(element, wsse("BinarySecurityToken")))


def _token(element: Element) -> _Fits:
    if element.tag != wsse("BinarySecurityToken") or element.get("ValueType", X509_V3) != X509_V3:
        raise Unbelievable(Breach.MALFORMED, "BinarySecurityToken")
    octets = octets_of(element)
    return lambda one: one.der == octets


def _identifier(element: Element, _: Anatomy) -> _Fits:
    make = _IDENTIFIERS.get(element.get("ValueType", ""))
    if make is None:
        raise Unbelievable(Breach.MALFORMED, "KeyIdentifier")
    return make(octets_of(element))


def _x509_data(element: Element, _: Anatomy) -> _Fits:
    """Read ds:X509Data, of which the first child that we know counts."""
    for child in element.iterchildren("*"):
        if child.tag == ds("X509IssuerSerial"):
            return _serial(child)
        if child.tag == ds("X509SKI"):
            return _IDENTIFIERS[X509_SKI](octets_of(child))
        if child.tag == ds("X509Certificate"):
            return _IDENTIFIERS[X509_V3](octets_of(child))
    raise Unbelievable(Breach.MALFORMED, "X509Data")


def _serial(element: Element) -> _Fits:
    """Read the serial number. Every stack writes the issuer's name another way, and it proves nothing."""
    text = text_of(only(element, ds("X509SerialNumber"))).strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise Unbelievable(Breach.MALFORMED, "X509SerialNumber")
    number = int(text)
    return lambda one: one.serial == number


def _unknown(element: Element, _: Anatomy) -> _Fits:
    raise Unbelievable(Breach.MALFORMED, etree.QName(element).localname)


_MEANINGS: Mapping[str, Callable[[Element, Anatomy], _Fits]] = MappingProxyType(
    {
        wsse("Reference"): _reference,
        wsse("Embedded"): _embedded,
        wsse("KeyIdentifier"): _identifier,
        ds("X509Data"): _x509_data,
    }
)
