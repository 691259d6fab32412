"""Namespaces and identifiers of WS-Security, XML Signature and XML Encryption."""

from __future__ import annotations

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_OASIS_11 = "http://docs.oasis-open.org/wss/oasis-wss-"

WSSE = _OASIS + "wssecurity-secext-1.0.xsd"
WSSE11 = _OASIS_11 + "wssecurity-secext-1.1.xsd"
WSU = _OASIS + "wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
WSA = "http://www.w3.org/2005/08/addressing"

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
BASE64 = _OASIS + "soap-message-security-1.0#Base64Binary"
X509_V3 = _OASIS + "x509-token-profile-1.0#X509v3"
X509_SKI = _OASIS + "x509-token-profile-1.0#X509SubjectKeyIdentifier"
THUMBPRINT = _OASIS_11 + "soap-message-security-1.1#ThumbprintSHA1"
PASSWORD_TEXT = _OASIS + "username-token-profile-1.0#PasswordText"
PASSWORD_DIGEST = _OASIS + "username-token-profile-1.0#PasswordDigest"
CONTENT, ELEMENT = XENC + "Content", XENC + "Element"


def wsse(name: str) -> str:
    """Return a name of the security header, as lxml writes it."""
    return f"{{{WSSE}}}{name}"


def wsu(name: str) -> str:
    """Return a name of the utility namespace."""
    return f"{{{WSU}}}{name}"


def ds(name: str) -> str:
    """Return a name of XML Signature."""
    return f"{{{DS}}}{name}"


def xenc(name: str) -> str:
    """Return a name of XML Encryption."""
    return f"{{{XENC}}}{name}"


SECURITY = wsse("Security")
CONFIRMATION = f"{{{WSSE11}}}SignatureConfirmation"
