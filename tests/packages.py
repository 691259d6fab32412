"""Messages with files beside their document, as foreign stacks frame them."""

from collections.abc import Sequence

from gateway.wire.soap import SoapVersion

XOP = "http://www.w3.org/2004/08/xop/include"


def packaged(
    root: bytes,
    parts: Sequence[tuple[str, bytes]],
    *,
    version: SoapVersion = SoapVersion.V11,
    swa: bool = False,
    start: str = "",
) -> tuple[bytes, str]:
    """Return a document with PDF files by Content-ID, and the Content-Type of the whole."""
    info = version.media_type
    root_type = info if swa else f'application/xop+xml; charset=UTF-8; type="{info}"'
    framed = [(f"Content-Type: {root_type}\r\nContent-ID: <root@x>\r\n", root)]
    framed += [(f"Content-Type: application/pdf\r\nContent-ID: <{name}>\r\n", data) for name, data in parts]
    data = b"".join(b"--edge\r\n" + head.encode() + b"\r\n" + content + b"\r\n" for head, content in framed)
    kind = f'type="{info}"' if swa else f'type="application/xop+xml"; start-info="{info}"'
    return data + b"--edge--\r\n", f'multipart/related; boundary="edge"; {kind}{start}'


def include(content_id: str) -> str:
    """Return MTOM's reference to a part."""
    return f'<x:Include xmlns:x="{XOP}" href="cid:{content_id}"/>'
