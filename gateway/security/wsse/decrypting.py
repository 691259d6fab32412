"""XML Encryption 1.1 as WS-Security uses it: one key for us by RSA-OAEP, with it the Body's content, AES.

Whatever fails, fails in the same words. What comes out is put back as text and the whole parsed once more, by the same
parser under the same limits, so that names and namespaces mean what they meant where it was encrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from lxml import etree

from gateway.security.certificates import KeyPair
from gateway.security.wsse.anatomy import Anatomy, at_most_one, octets_of, only
from gateway.security.wsse.names import CONTENT, DS, ELEMENT, XENC, XENC11, ds, xenc
from gateway.security.wsse.picking import pick
from gateway.security.wsse.policy import Expected
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.wire.xml import Element, XmlError, XmlLimits, parse, to_bytes

_MOST = 4  #: encrypted parts of one message
_BLOCK, _IV = 16, 12
_DATA = xenc("EncryptedData")
_Open: TypeAlias = Callable[[bytes, bytes], bytes]


class _Fails(Exception):
    """It does not open."""


def _gcm(key: bytes, octets: bytes) -> bytes:
    return AESGCM(key).decrypt(octets[:_IV], octets[_IV:], None)


def _cbc(key: bytes, octets: bytes) -> bytes:
    decryptor = Cipher(AES(key), CBC(octets[:_BLOCK])).decryptor()
    padded = decryptor.update(octets[_BLOCK:]) + decryptor.finalize()
    if not padded or not 1 <= padded[-1] <= _BLOCK:
        raise _Fails
    return padded[: -padded[-1]]


@dataclass(frozen=True, slots=True)
class _CipherMethod:
    name: str
    size: int  #: octets of its key
    open: _Open


_CIPHERS: Mapping[str, _CipherMethod] = MappingProxyType(
    {
        XENC11 + "aes128-gcm": _CipherMethod("aes128-gcm", 16, _gcm),
        XENC11 + "aes192-gcm": _CipherMethod("aes192-gcm", 24, _gcm),
        XENC11 + "aes256-gcm": _CipherMethod("aes256-gcm", 32, _gcm),
        XENC + "aes128-cbc": _CipherMethod("aes128-cbc", 16, _cbc),
        XENC + "aes192-cbc": _CipherMethod("aes192-cbc", 24, _cbc),
        XENC + "aes256-cbc": _CipherMethod("aes256-cbc", 32, _cbc),
    }
)
_HASHES: Mapping[str, Callable[[], HashAlgorithm]] = MappingProxyType(
    {DS + "sha1": SHA1, XENC + "sha256": SHA256, XENC11 + "mgf1sha1": SHA1, XENC11 + "mgf1sha256": SHA256}
)


def is_encrypted(parts: Anatomy) -> bool:
    """Whether something is still to be decrypted."""
    return next(_encrypted(parts), None) is not None


def is_encrypted_first(parts: Anatomy) -> bool:
    """Whether it was encrypted after it was signed: the key stands before the signature then."""
    if not is_encrypted(parts) or parts.encrypted_key is None:
        return False
    return parts.signature is None or parts.signature in parts.encrypted_key.itersiblings()


@dataclass(frozen=True, slots=True)
class Sealed:
    """The encrypted parts of a message, by methods that are allowed."""

    parts: Anatomy
    methods: Mapping[Element, _CipherMethod]

    @property
    def is_malleable(self) -> bool:
        """Whether who has no key can change what a part holds: nothing but a signature proves that it is whole."""
        return any(method.open is _cbc for method in self.methods.values())

    def opened(self, expected: Expected, limits: XmlLimits, *, stand_in: bytes = b"") -> tuple[Element, bool]:
        """Return the envelope with its parts replaced by what they hold, and whether all of them opened.

        With a ``stand_in``, that stands for what did not, so that a signature is looked at all the same. Raises
        Unbelievable.
        """
        if self.parts.encrypted_key is None or not expected.keys:
            raise Unbelievable(Breach.UNDECRYPTABLE)
        try:
            keys = list(_session_keys(self.parts, self.parts.encrypted_key, expected.keys))
            plain = {data: _plain(data, method, keys, limits) for data, method in self.methods.items()}
            is_whole = None not in plain.values()
            given = {data: stand_in if octets is None else octets for data, octets in plain.items()}
            restored = _restored(self.parts, given, limits) if is_whole or stand_in else None
        except (_Fails, XmlError):
            restored, is_whole = None, False
        if restored is None:
            raise Unbelievable(Breach.UNDECRYPTABLE)
        return restored, is_whole


def sealed(parts: Anatomy, expected: Expected) -> Sealed:
    """Return what is encrypted; raises Unbelievable for a method that this partner may not use."""
    found = list(islice(_encrypted(parts), _MOST + 1))
    if len(found) > _MOST:
        raise Unbelievable(Breach.MALFORMED, "EncryptedData")
    return Sealed(parts, {data: _cipher(data, expected) for data in found})


def _encrypted(parts: Anatomy) -> Iterator[Element]:
    """Yield what is encrypted where it may be: the Body's content, and children of the Security header."""
    yield from parts.body.iterchildren(_DATA)
    yield from parts.security.iterchildren(_DATA)


def _cipher(data: Element, expected: Expected) -> _CipherMethod:
    method = _CIPHERS.get(only(data, xenc("EncryptionMethod")).get("Algorithm", ""))
    if method is None or method.name not in expected.ciphers:
        raise Unbelievable(Breach.ALGORITHM, "EncryptionMethod")
    if data.get("Type") not in (CONTENT, ELEMENT):
        raise Unbelievable(Breach.MALFORMED, "EncryptedData/@Type")
    return method


def _session_keys(parts: Anatomy, element: Element, pairs: tuple[KeyPair, ...]) -> Iterator[bytes]:
    """Yield what each of our keys that is meant makes of the encrypted one."""
    padding = _oaep(only(element, xenc("EncryptionMethod")))
    wrapped = _octets(element)
    info = at_most_one(element, ds("KeyInfo"))
    known = [pair.certificate for pair in pairs]
    meant = pick(info, parts, known) if info is not None else known
    for pair in pairs:
        if pair.certificate in meant and isinstance(pair.key, RSAPrivateKey):
            try:
                yield pair.key.decrypt(wrapped, padding)
            except ValueError:
                continue


def _oaep(method: Element) -> OAEP:
    """Return the padding; PKCS #1 v1.5 is none, whoever asks for it."""
    algorithm = method.get("Algorithm", "")
    mask, hashed = at_most_one(method, f"{{{XENC11}}}MGF"), at_most_one(method, ds("DigestMethod"))
    if (
        algorithm not in (XENC + "rsa-oaep-mgf1p", XENC11 + "rsa-oaep")
        or at_most_one(method, xenc("OAEPparams")) is not None
    ):
        raise Unbelievable(Breach.ALGORITHM, "EncryptedKey")
    is_old = algorithm == XENC + "rsa-oaep-mgf1p"
    return OAEP(mgf=MGF1(_hash(None if is_old else mask)), algorithm=_hash(hashed), label=None)


def _hash(element: Element | None) -> HashAlgorithm:
    known = _HASHES.get(element.get("Algorithm", "") if element is not None else DS + "sha1")
    if known is None:
        raise Unbelievable(Breach.ALGORITHM, "EncryptedKey")
    return known()


def _octets(element: Element, limit: int | None = None) -> bytes:
    value = only(only(element, xenc("CipherData")), xenc("CipherValue"))
    return octets_of(value, limit=limit) if limit is not None else octets_of(value)


def _opened(data: Element, method: _CipherMethod, keys: list[bytes]) -> bytes:
    octets = _octets(data, limit=1 << 30)  # the document is bounded already
    for key in keys:
        try:
            if len(key) == method.size:
                return method.open(key, octets)
        except (InvalidTag, ValueError, _Fails):
            continue
    raise _Fails


def _plain(data: Element, method: _CipherMethod, keys: list[bytes], limits: XmlLimits) -> bytes | None:
    """Return what a part holds, a whole piece of XML by itself; None where it does not open to one."""
    try:
        octets = _opened(data, method, keys)
        _refuse_pieces(data, octets, limits)
    except (_Fails, XmlError):
        return None
    return octets


def _restored(parts: Anatomy, plain: Mapping[Element, bytes], limits: XmlLimits) -> Element:
    """Return the document with each encrypted part replaced by its octets."""
    marks: dict[bytes, bytes] = {}
    for number, (data, octets) in enumerate(plain.items()):
        mark = f"[{number}:{hashlib.sha256(octets).hexdigest()}]"
        _replace(data, mark)
        marks[mark.encode()] = octets
    whole = to_bytes(parts.envelope)
    for written, octets in marks.items():
        if whole.count(written) != 1:
            raise _Fails
        whole = whole.replace(written, octets)
    return parse(whole, limits=limits)


def _refuse_pieces(data: Element, octets: bytes, limits: XmlLimits) -> None:
    """Refuse what would reach out of its place: it must be well-formed where it stands; an element alone, if one."""
    holder = etree.tostring(etree.Element("gw-part", nsmap=cast("dict[str, str]", data.nsmap)))
    root = parse(holder.removesuffix(b"/>") + b">" + octets + b"</gw-part>", limits=limits)
    if data.get("Type") == ELEMENT and (len(root) != 1 or (root.text or "").strip() or (root[0].tail or "").strip()):
        raise _Fails


def _replace(data: Element, text: str) -> None:
    parent, before = data.getparent(), data.getprevious()
    text += data.tail or ""
    if parent is None:
        raise _Fails
    parent.remove(data)
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
