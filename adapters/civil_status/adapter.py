"""Hộ tịch over a provincial LGSP: registrations go out in the form that the ministry takes.

What is common to every REST system (credentials, rules, look-ups, mappings) is the SDK's; here is what is not: which
module and which address a procedure has, and a form that travels as a text inside JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from adapters.civil_status.forms import Fields, as_json, as_xml, split
from gateway.sdk import (
    JSON,
    OUTBOUND,
    Assembly,
    CannotRender,
    ConfiguredAdapter,
    Context,
    Gap,
    HttpReply,
    Operation,
    OperationTable,
    Options,
    Outgoing,
    Reader,
    Reference,
    Reply,
    Source,
    SystemConfig,
    Table,
    as_text,
    idempotency,
    read_json,
)

_PROCEDURE = Reference.parse("dossier.procedure.code", OUTBOUND)


class Paths(Table, frozen=True, kw_only=True):
    """``[options.paths]``, below the endpoint."""

    register: str = "/hotich/1.0/dangKyHoTich"
    chained: str = "/apiLienThongKSKT/1.0/nhanHoSoDKHT"


class CivilOptions(Options, frozen=True, kw_only=True):
    """``[options]`` of this adapter."""

    modules: dict[str, str]  #: the ministry's module of each procedure
    chained: tuple[str, ...] = ("LTKS", "LTKT", "LTKH")  #: modules with an address of their own
    paths: Paths = Paths()


class CivilTable(OperationTable, frozen=True, kw_only=True):
    """One operation: a registration."""

    form: Literal["json", "xml"] = "json"  #: as what text ``data`` travels
    split_names: tuple[str, ...] = ()  #: fields of ``data`` that become {Ho, ChuDem, Ten}
    split_dates: tuple[str, ...] = ()  #: fields of ``data`` that become {ngaySinh, thangSinh, namSinh}


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilDialect:
    """Writes registrations and questions, and reads replies."""

    address: str
    options: CivilOptions

    async def open(self) -> None:
        """Load nothing."""

    async def write(self, operation: Operation[CivilTable], source: Source) -> Outgoing:
        """Return the request; raises CannotRender."""
        module = self._module_of(as_text(_PROCEDURE.find(source)) or "")
        mapped = operation.mapping.render(source) if operation.mapping else {}
        paths = self.options.paths
        return Outgoing(
            url=self.address + (paths.chained if module in self.options.chained else paths.register),
            headers={"Accept": JSON, **idempotency(source)},
            document={**mapped, "module": module, "data": _text(operation.call, mapped.get("data", {}))},
        )

    async def read(self, operation: Operation[CivilTable], result: HttpReply) -> Reply:
        """Return the reply with its JSON."""
        del operation
        return read_json(result)

    def _module_of(self, procedure: str) -> str:
        module = self.options.modules.get(procedure)
        if module is None:
            raise CannotRender([Gap("module", _PROCEDURE.text, "a procedure that options.modules does not name")])
        return module


def _text(table: CivilTable, data: object) -> str:
    """Return ``data`` as the text that the ministry takes; a form that is a text already goes as it is."""
    if isinstance(data, str):
        return data
    fields = split(cast("Fields", data), table.split_names, table.split_dates)
    return as_xml(fields) if table.form == "xml" else as_json(fields)


CivilStatus: TypeAlias = ConfiguredAdapter[CivilTable]


def _table(table: CivilTable, key: str, reader: Reader) -> CivilTable | None:
    if table.mapping:
        return table
    reader.wrong(f"{key}.mapping", "a registration needs a mapping")
    return None


def build(config: SystemConfig, context: Context) -> CivilStatus:
    """Build the adapter; raises ConfigError with every problem of its files."""
    assembly = Assembly(config, context, CivilOptions)
    dialect = CivilDialect(address=config.address().rstrip("/"), options=assembly.options)
    return assembly.build(CivilTable, _table, dialect)
