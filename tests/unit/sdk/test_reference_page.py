"""docs/reference/system-files.md names every key that the sdk reads."""

from pathlib import Path

import msgspec
import pytest

from gateway.config.security import Expect, OurName, Security, Send, Signature, TheirName
from gateway.sdk import guarding
from gateway.sdk.assembly import Options
from gateway.sdk.auth.credentials import Put
from gateway.sdk.auth.tables import (
    ApiKeyTable,
    BasicTable,
    BearerTable,
    ClientCredentialsTable,
    HmacTable,
    HttpSignatureTable,
    LgspTable,
    Server,
    SessionTable,
)
from gateway.sdk.embedding import EmbedTable
from gateway.sdk.inquiry import FieldTable, QueryTable
from gateway.sdk.mapping_compiler import RowTable
from gateway.sdk.plan import OperationTable
from gateway.sdk.questions import QueryRuleTable
from gateway.sdk.receiving import AnswersTable, InsideTable, ReceiveTable
from gateway.sdk.rest import RestOptions, RestTable
from gateway.sdk.rules import RuleTable
from gateway.sdk.soap import SoapOptions, SoapTable
from gateway.sdk.streams import StreamTable
from gateway.sdk.webhook import WebhookOptions

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "system-files.md"
TABLES = (
    Options,
    SoapOptions,
    OperationTable,
    RestTable,
    RestOptions,
    EmbedTable,
    SoapTable,
    RuleTable,
    QueryTable,
    QueryRuleTable,
    FieldTable,
    ReceiveTable,
    InsideTable,
    AnswersTable,
    guarding.ApiKeyTable,
    guarding.BasicTable,
    guarding.BearerTable,
    guarding.HmacTable,
    guarding.HttpSignatureTable,
    guarding.EnvelopeTable,
    RowTable,
    StreamTable,
    WebhookOptions,
    BasicTable,
    BearerTable,
    ApiKeyTable,
    SessionTable,
    ClientCredentialsTable,
    LgspTable,
    Server,
    HttpSignatureTable,
    HmacTable,
    Put,
    Security,
    Send,
    Signature,
    OurName,
    Expect,
    TheirName,
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_is_on_the_reference_page(table):
    """Public means documented."""
    page = PAGE.read_text(encoding="utf-8")
    written = {key.strip("` ") for key in page.replace("{", "`").replace(",", "`").split("`")}
    missing = [field.encode_name for field in msgspec.structs.fields(table) if field.encode_name not in written]
    assert missing == []
