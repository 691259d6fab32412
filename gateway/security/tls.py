"""TLS towards partners: whom we trust, and the certificate by which they know us (mutual TLS)."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.core.errors import GatewayError
from gateway.ports.secrets import Secret
from gateway.security.certificates import CertificateUnfit, read_certificates, read_key_pair

SOON = timedelta(days=30)  #: before the end of a certificate; getting another takes weeks


class TlsUnfit(GatewayError):
    """What ``[tls]`` names cannot be used; says which part and what to do, and nothing of a key."""

    def __init__(self, part: str, problem: str, remedy: str) -> None:
        super().__init__(f"{part}: {problem}; {remedy}")
        self.part = part
        self.problem = problem
        self.remedy = remedy


def client_context() -> ssl.SSLContext:
    """Return a context that asks partners for a certificate of their name, and trusts nobody yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def trust(context: ssl.SSLContext, authorities: Secret | None) -> None:
    """Let these vouch for the partner, certificates in PEM, or those whom the machine trusts; raises TlsUnfit."""
    if authorities is None:
        context.load_default_certs()
        return
    try:
        known = read_certificates(authorities.reveal().encode())
        context.load_verify_locations(cadata=b"".join(one.der for one in known))
    except CertificateUnfit as error:
        raise TlsUnfit("authorities", error.problem, error.remedy) from None
    except ssl.SSLError:  # an issuer in TCVN3, where UTF-8 is declared: nobody reads it before
        raise TlsUnfit("authorities", "holds a certificate that OpenSSL cannot read", "ask for another one") from None


def show(context: ssl.SSLContext, identity: Secret) -> None:
    """Show the partner our certificate: private key, its certificate and the chain below it, in PEM; raises TlsUnfit.

    The standard library takes a key pair from files only; this one is memory, and has no name.
    """
    pem = identity.reveal().encode()
    try:
        read_key_pair(pem)
    except CertificateUnfit as error:
        raise TlsUnfit("identity", error.problem, error.remedy) from None
    descriptor = os.memfd_create("identity", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    except OSError as error:
        remedy = "write the key, then its own certificate, then those that vouch for it"
        raise TlsUnfit("identity", f"cannot be used for TLS: {type(error).__name__}", remedy) from None
    finally:
        os.close(descriptor)


def ends(pem: str) -> Sequence[tuple[str, datetime, datetime]]:
    """Return whose certificates are in a text, and when each begins and ends to count; empty where there are none."""
    try:
        found = read_certificates(pem.encode())
    except CertificateUnfit:
        return ()
    return [(one.subject, one.not_before, one.not_after) for one in found]
