"""Errors of bytes and documents.

::

    GatewayError
    └── WireError
        ├── PlacedError   where, what is wrong there, and what to do
        │   ├── XmlError      xml: the bytes are not XML we accept
        │   ├── MimeError     mime: they are not a multipart message we accept
        │   ├── ShapeError    shape: a service's description cannot be used
        │   └── FetchFailed   wsdl_fetch: a partner's WSDL, or what it imports, could not be fetched
        ├── SoapProblem   soap: the envelope is wrong; becomes the Fault that answers it
        ├── WsdlError     wsdl_files: the operator's WSDL cannot be used
        ├── AddressingError  soap_addressing: headers that contradict each other
        └── CodecError    zeep_codec: values and document do not fit the WSDL

None of them carries a value out of the document: only places, names and what to do. What happens to an HTTP exchange is
a value, not an error: ``http.HttpResult``.
"""

from __future__ import annotations

from gateway.core.errors import GatewayError


class WireError(GatewayError):
    """Bytes or documents that cannot be used."""


class PlacedError(WireError):
    """Something cannot be used: ``where``, what the ``problem`` is there, and what its sender can do (``remedy``)."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}; {remedy}")
        self.where = where
        self.problem = problem
        self.remedy = remedy
