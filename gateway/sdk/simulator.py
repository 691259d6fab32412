"""What a simulator of a SOAP partner may import: the codec of its own WSDL, from the serving side."""

from __future__ import annotations

from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion
from gateway.wire.zeep_codec import CodecError, FaultDetail, SoapCall, Wsdl, WsdlError, load_wsdl

__all__ = [
    "CodecError",
    "FaultCode",
    "FaultDetail",
    "SoapCall",
    "SoapProblem",
    "SoapVersion",
    "Wsdl",
    "WsdlError",
    "load_wsdl",
]
