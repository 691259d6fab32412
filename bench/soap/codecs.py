"""The codecs compiled from a WSDL's types beside zeep, in processor time: an envelope of 7 KB with 175 elements."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.xsd.context import XmlParserContext

from bench.config import WSDL
from bench.lines import Line, ratio
from bench.run import Run
from gateway.wire.codec_plan import Plans
from gateway.wire.codec_reader import Reader
from gateway.wire.codec_writer import Writer
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import Element, parse, to_bytes
from gateway.wire.zeep_codec import CodecSettings, load_wsdl
from gateway.wire.zeep_operation import Operation

_TIMES = 200  #: messages of a round
_VALUES = {
    "MaHoSo": "H52.12-260301-0001234",
    "MaGiaoDich": "0196a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
    "MaTTHC": "1.004194",
    "TenTTHC": "Đổi giấy phép lái xe",
    "ChuHoSo": "Lò Văn Mẫu",
    "SoGiayToChuHoSo": "014000000001",
    "TrichYeuHoSo": "Đổi giấy phép lái xe",
    "ToKhai": "Đề nghị giải quyết theo quy định của pháp luật",
    "NgayTiepNhan": dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC),
    "LePhi": Decimal(135000),
    "DonViXuLy": "Sở Mẫu",
    "NguoiNop": {
        "HoTen": "Lò Văn Mẫu",
        "NgaySinh": "1990-01-01",
        "SoDinhDanh": "014000000001",
        "DienThoai": "0900000000",
        "Email": "mau@example.vn",
        "DiaChi": "Tổ 1, phường Mẫu, tỉnh Mẫu",
    },
    "GiayTo": [
        {
            "MaGiayTo": f"G{number:03}",
            "TenGiayTo": f"Giấy tờ số {number}",
            "SoBanChinh": 1,
            "SoBanSao": 2,
            "BatBuoc": True,
            "GhiChu": "Bản chụp có chứng thực",
        }
        for number in range(22)
    ],
}


def soap_codecs(run: Run) -> Sequence[Line]:
    """The codecs by themselves beside zeep by itself; then with all that stands round either."""
    ours, zeeps = (_operation(compiled=compiled) for compiled in (True, False))
    data = ours.write(_VALUES)
    child = parse(data)[-1][0]
    pairs: Mapping[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "soap_write": _writing(ours),
        "soap_read": _reading(ours, child),
        "soap_write_whole": (lambda: ours.write(_VALUES), lambda: zeeps.write(_VALUES)),
        "soap_read_whole": (
            lambda: ours.request.read([parse(data)[-1][0]], validate=True),
            lambda: zeeps.request.read([parse(data)[-1][0]], validate=True),
        ),
    }
    return [_line(run, name, *pair) for name, pair in pairs.items()]


def _operation(*, compiled: bool) -> Operation:
    return load_wsdl(WSDL, settings=CodecSettings(compiled=compiled)).operation("nhanHoSo")


def _writing(operation: Operation) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return both ways from values to bytes."""
    source = cast("Any", operation.source.input)
    plain = Plans().of(source.body.type)
    writer = Writer.of(plain, source.body.qname.text, SoapVersion.V11) if plain is not None else None
    if writer is None:
        raise RuntimeError("the message that is measured is not plain")
    return lambda: writer.text(_VALUES), lambda: to_bytes(source.serialize(**_VALUES).content)


def _reading(operation: Operation, child: Element) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return both ways from a tree to values."""
    body = cast("Any", operation.source.input).body
    plain, reader = Plans().of(body.type), Reader()
    if plain is None or reader.read(plain, child) != operation.request.read([child], validate=True):
        raise RuntimeError("the message that is measured is not plain")
    types = cast("Any", Document(str(WSDL), cast("Any", Transport)())).types
    context = cast("Any", XmlParserContext)()
    return lambda: reader.read(plain, child), lambda: body.parse(child, types, context=context)


def _line(run: Run, name: str, ours: Callable[[], object], zeeps: Callable[[], object]) -> Line:
    rounds = [(_micros(ours), _micros(zeeps)) for _ in range(run.rounds + 1)]
    return ratio(name, rounds[1:], " us")


def _micros(work: Callable[[], object]) -> float:
    """Return the processor time of one message in microseconds."""
    began = time.process_time()
    for _ in range(_TIMES):
        work()
    return (time.process_time() - began) / _TIMES * 1e6
