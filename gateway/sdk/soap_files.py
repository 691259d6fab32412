"""The files of SOAP messages: which way each operation sends them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from gateway.sdk.enclosed import Enclosed
from gateway.wire.attachments import Attachment
from gateway.wire.soap_packing import Inline, Mtom, Packing, Swa

How: TypeAlias = Literal["inline", "mtom", "swa"]
PACKINGS: Mapping[str, Packing] = MappingProxyType({"inline": Inline(), "mtom": Mtom(), "swa": Swa()})


def placed(values: Mapping[str, object], packing: Packing) -> tuple[dict[str, object], dict[str, Attachment]]:
    """Return the values with a text in the place of each file, and the files by that text."""
    files: dict[str, Attachment] = {}

    def place(value: object) -> object:
        if isinstance(value, Enclosed):
            file = value.attachment()
            token = packing.token(len(files), file)
            files[token] = file
            return token
        if isinstance(value, dict):
            return {name: place(one) for name, one in cast("dict[str, object]", value).items()}
        return [place(one) for one in cast("list[object]", value)] if isinstance(value, list) else value

    return cast("dict[str, object]", place(dict(values))), files
