"""`systems import`: what a description says becomes files that `check` accepts once the marks are filled in."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.app.secrets import UnknownSecrets
from gateway.cli import command_line
from gateway.cli.check import checked
from gateway.cli.failures import Failed
from gateway.core.errors import ConfigError

ROOT = Path(__file__).parents[2]
WSDL = ROOT / "config" / "wsdl" / "business_registry.wsdl"
PORTAL = 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n'
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Thuế mẫu", "version": "1"},
    "servers": [{"url": "https://thue.example/api"}],
    "components": {
        "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-Khoa"}},
        "schemas": {
            "Nguoi": {"type": "object", "required": ["hoTen"], "properties": {"hoTen": {"type": "string"}}},
            "HoSo": {
                "allOf": [{"$ref": "#/components/schemas/Co"}],
                "type": "object",
                "required": ["maHoSo", "nguoi", "tep"],
                "properties": {
                    "nguoi": {"$ref": "#/components/schemas/Nguoi"},
                    "soTien": {"type": "integer", "description": 'Đồng "VN"\n[[row]]\nto = "x"'},
                    "loai": {"type": "string", "enum": ["A", "B"], "maxLength": 1},
                    "tep": {
                        "type": "array",
                        "items": {
                            "required": ["ten"],
                            "properties": {"ten": {"type": "string"}, "nd": {"type": "string", "format": "byte"}},
                        },
                    },
                },
            },
            "Co": {"properties": {"maHoSo": {"type": "string"}}},
        },
    },
    "paths": {
        "/ho-so/{loai}": {
            "parameters": [{"name": "loai", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "nopHoSo",
                "summary": "Nộp hồ sơ",
                "parameters": [{"name": "nam", "in": "query", "required": True, "schema": {"type": "integer"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/HoSo"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"properties": {"ma": {"type": "string"}}}}}},
                    "400": {"description": "sai"},
                },
            },
        }
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "systems").mkdir(parents=True)
    (folder / "wsdl").mkdir()
    shutil.copy(WSDL, folder / "wsdl" / "dkkd.wsdl")
    (folder / "systems" / "portal.toml").write_text(PORTAL, encoding="utf-8")
    for name in ("gateway.toml", "routes.toml"):
        (folder / name).write_text("", encoding="utf-8")
    return folder


def imported(config: Path, *words: object) -> dict[str, Any]:
    done = CliRunner().invoke(
        command_line(only="systems"), ["systems", "import", *map(str, words), "--config", str(config), "--json"]
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def described(config: Path, document: object) -> Path:
    path = config.parent / "mo-ta.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


def filled(config: Path, system: str) -> None:
    """Fill every mark in, as somebody who knows the partner would."""
    path = config / "systems" / f"{system}.toml"
    text = path.read_text(encoding="utf-8").replace('sandbox = "FILL_IN"', 'sandbox = "http://127.0.0.1:9/x"')
    text = text.replace("{FILL_IN}", "{code:province}").replace('"FILL_IN"', '"ma"')
    path.write_text(re.sub(r'"FILL_IN kind[^"]*"', '"dossier.submitted"', text, count=1), encoding="utf-8")
    for mapping in (config / "mappings" / system).glob("*.toml"):
        text = mapping.read_text(encoding="utf-8").replace('each = "FILL_IN"', 'each = "files"')
        text = re.sub(r'(\{ to = "[^"]*", from = )"FILL_IN"', r'\1"item.name"', text)
        mapping.write_text(text.replace('"FILL_IN"', '"code:province"'), encoding="utf-8")


def problems(config: Path) -> list[str]:
    try:
        checked(config, {}, UnknownSecrets())
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_wsdl_becomes_files_that_hold_once_the_marks_are_filled_in(config: Path):
    """Every mark is named by `check`, in both files; nothing else is wrong, and no address was taken over."""
    done = imported(config, "dkkd", "--wsdl", config / "wsdl/dkkd.wsdl", "--operation", "guiHoSo=dossier.submitted")
    assert done["files"] == ["mappings/dkkd/gui_ho_so.toml", "systems/dkkd.toml"]
    told = problems(config)
    assert all("still to be filled in" in one for one in told)
    assert len(told) == sum(done["to_fill_in"].values())
    text = (config / "systems/dkkd.toml").read_text(encoding="utf-8")
    assert 'wsdl = "wsdl/dkkd.wsdl"' in text
    assert "# The description says: http://127.0.0.1:9002/ws" in text
    assert "doubt =" not in re.sub(r"(?m)^#.*$", "", text)
    filled(config, "dkkd")
    assert problems(config) == []


def test_without_a_choice_every_operation_is_written_and_must_be_decided_about(config: Path):
    imported(config, "dkkd", "--wsdl", config / "wsdl/dkkd.wsdl")
    told = problems(config)
    assert sum("kind of event for" in one for one in told) == 4


def test_an_openapi_description_becomes_files_that_hold_once_the_marks_are_filled_in(config: Path):
    """Path, query, credentials, lists, files, codes and texts; a text cannot leave its comment."""
    done = imported(config, "thue", "--openapi", described(config, OPENAPI), "--operation", "nopHoSo=dossier.submitted")
    assert set(done["files"]) == {"systems/thue.toml", "mappings/thue/nop_ho_so.toml"}
    system = (config / "systems/thue.toml").read_text(encoding="utf-8")
    mapping = (config / "mappings/thue/nop_ho_so.toml").read_text(encoding="utf-8")
    assert 'path = "/ho-so/{FILL_IN}"' in system
    assert 'put = { in = "header", name = "X-Khoa" }' in system
    assert 'api_key = "env:THUE_API_KEY"' in system
    assert "# maHoSo: string, required (perhaps code:province)" in mapping
    assert "one of A, B; at most 1 characters" in mapping
    assert '# # { to = "nd"' in mapping or '# { to = "nd", from = "item.stream" }' in mapping
    assert '\nto = "x"' not in mapping
    filled(config, "thue")
    assert problems(config) == []


CODE = {"type": "string"}
IN_BODY = {"name": "than", "in": "body", "schema": {"properties": {"ma": CODE, "ds": {"type": "array", "items": CODE}}}}


@pytest.mark.parametrize(
    ("parameters", "written"),
    [([IN_BODY], []), ([{"name": "ma", "in": "formData", "required": True, **CODE}], ['encode = "form"'])],
)
def test_a_swagger_2_description_becomes_files_that_hold_too(
    config: Path, parameters: list[dict[str, Any]], written: list[str]
):
    """Its body is a parameter or fields of a form, its address host and path, its credentials stand elsewhere."""
    reply = {"200": {"schema": {"properties": {"bienNhan": CODE}}}}
    post = {"operationId": "nop", "parameters": parameters, "responses": reply}
    ways = {"ngoai": {"type": "oauth2", "flow": "implicit"}, "khoa": {"type": "basic"}}
    document = {"swagger": "2.0", "host": "thue.example", "basePath": "/api", "paths": {"/nop": {"post": post}}}
    file = described(config, {**document, "securityDefinitions": ways})
    imported(config, "thue", "--openapi", file, "--operation", "nop=dossier.submitted")
    text = (config / "systems/thue.toml").read_text(encoding="utf-8")
    for line in ("https://thue.example/api", 'kind = "basic"', "# it also names: ngoai (oauth2)", *written):
        assert line in text
    assert "bienNhan" in text
    assert "ma: string" in (config / "mappings/thue/nop.toml").read_text(encoding="utf-8")
    filled(config, "thue")
    assert problems(config) == []


TOKENS = {"clientCredentials": {"tokenUrl": "https://thue.example/token"}}


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        ({"type": "http", "scheme": "basic"}, "basic"),
        ({"type": "http", "scheme": "Bearer"}, "bearer"),
        ({"type": "oauth2", "flows": TOKENS}, "client_credentials"),
        ({"type": "oauth2", "flow": "application", "tokenUrl": "https://thue.example/token"}, "client_credentials"),
    ],
)
def test_the_way_to_show_who_we_are_is_written_with_its_secrets(config: Path, way: dict[str, Any], kind: str):
    document = changed(components={**OPENAPI["components"], "securitySchemes": {"k": way}})
    imported(config, "thue", "--openapi", described(config, document), "--operation", "nopHoSo=dossier.submitted")
    path = config / "systems/thue.toml"
    text = path.read_text(encoding="utf-8")
    assert f'kind = "{kind}"' in text
    assert ("# tokens, as the description says: https://thue.example/token" in text) is (kind == "client_credentials")
    path.write_text(text.replace('path = "/FILL_IN"', 'path = "/token"'), encoding="utf-8")
    filled(config, "thue")
    assert problems(config) == []


def changed(**changes: Any) -> dict[str, Any]:
    return {**OPENAPI, **changes}


def a_schema(schemas: dict[str, Any], reference: str = "#/components/schemas/A") -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    return changed(
        components={"schemas": schemas},
        paths={"/a": {"post": {"operationId": "a", "requestBody": body, "responses": {}}}},
    )


ENDLESS: dict[str, Any] = {"A": {"properties": {"con": {"$ref": "#/components/schemas/A"}}}}
ARRAYS: dict[str, Any] = {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}
WIDE = {
    "A": {"properties": {f"a{n}": {"$ref": "#/components/schemas/B0"} for n in range(10)}},
    **{
        f"B{n}": {"properties": {f"b{m}": {"$ref": f"#/components/schemas/B{n + 1}"} for m in range(10)}}
        for n in range(20)
    },
    "B20": {"type": "string"},
}


@pytest.mark.parametrize("schemas", [ENDLESS, ARRAYS, WIDE], ids=["itself", "lists of lists", "ten to the twentieth"])
def test_a_description_without_end_is_shown_as_far_as_is_useful(config: Path, schemas: dict[str, Any]):
    """Bounded in levels and in fields."""
    imported(config, "thue", "--openapi", described(config, a_schema(schemas)))
    (mapping,) = (config / "mappings/thue").glob("*.toml")
    assert mapping.stat().st_size < 1_000_000


LOOP = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
PARTS = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (a_schema(LOOP), "in a circle"),
        (a_schema(PARTS), "without end"),
        (a_schema({}, "https://khac.example/a.json#/A"), "another file"),
        (a_schema({}, "../../etc/passwd"), "another file"),
        (a_schema({}, "#/components/schemas/Khong"), "not there"),
        (changed(paths={f"/{n}": {"get": {}} for n in range(501)}), "more than 500 operations"),
        (b"openapi: 3.0.0\npaths: {}\n", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"openapi": "3", "paths": [' + b"1," * 4_200_000 + b"1]}", "larger than"),
        ({"hello": 1}, "no OpenAPI description"),
        (changed(paths={}), "no operation"),
        (b"\xff\xfe", "not JSON"),
    ],
    ids=["loop", "parts", "http", "file", "gone", "many", "yaml", "deep", "huge", "other", "empty", "bytes"],
)
def test_a_hostile_description_is_refused_and_writes_nothing(config: Path, document: Any, told: str):
    with pytest.raises(Failed, match=told):
        imported(config, "thue", "--openapi", described(config, document))
    assert not (config / "systems/thue.toml").exists()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("<wsdl:definitions", '<!DOCTYPE a [<!ENTITY x "y">]><wsdl:definitions', "document type|DOCTYPE"),
        ("<wsdl:types>", '<wsdl:import namespace="a" location="http://127.0.0.1:9/a.wsdl"/><wsdl:types>', "Forbidden"),
        ("<wsdl:types>", '<wsdl:import namespace="a" location="../../a.wsdl"/><wsdl:types>', "outside"),
        ("</wsdl:definitions>", "", "not well-formed"),
    ],
    ids=["dtd", "http", "outside", "broken"],
)
def test_a_hostile_wsdl_is_refused_and_writes_nothing(config: Path, before: str, after: str, told: str):
    path = config / "wsdl/dkkd.wsdl"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(Failed, match=told):
        imported(config, "dkkd", "--wsdl", path)
    assert not (config / "systems/dkkd.toml").exists()


def test_a_wsdl_with_a_type_inside_itself_is_shown_as_far_as_is_useful(config: Path):
    path = config / "wsdl/dkkd.wsdl"
    inside = '<xs:element name="con" type="t:Tep" minOccurs="0"/><xs:element name="kieu"'
    path.write_text(path.read_text(encoding="utf-8").replace('<xs:element name="kieu"', inside, 1), encoding="utf-8")
    imported(config, "dkkd", "--wsdl", path)


def test_names_that_a_table_cannot_write_stay_comments(config: Path):
    names = ["a.b", 'x"]\n[y', "tiếng Việt", "a\u202eb"]
    imported(
        config, "thue", "--openapi", described(config, a_schema({"A": {"properties": {name: {} for name in names}}}))
    )
    filled(config, "thue")
    assert problems(config) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("dkkd",), "name one description"),
        (("Đất", "--openapi", "x.json"), "is no id"),
        (("x", "--openapi", "x.json"), "2 to 41"),
        (("gateway", "--openapi", "x.json"), "reserved"),
        (("thue", "--openapi", "khong-co.json"), "No such file"),
        (("thue", "--openapi", "x.json", "--operation", "a"), "NAME=KIND"),
        (("dkkd", "--wsdl", WSDL), "lies outside"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(config: Path, words: tuple[object, ...], told: str):
    with pytest.raises(Failed, match=told):
        imported(config, *words)


def test_an_operation_that_is_not_there_is_told_with_the_nearest(config: Path):
    with pytest.raises(Failed, match="guiHoSo"):
        imported(config, "dkkd", "--wsdl", config / "wsdl/dkkd.wsdl", "--operation", "guiHoSoo=dossier.submitted")


def test_files_that_are_there_are_not_touched(config: Path):
    with pytest.raises(Failed, match="already"):
        imported(config, "portal", "--openapi", described(config, OPENAPI))
    assert (config / "systems/portal.toml").read_text(encoding="utf-8") == PORTAL
    assert not (config / "mappings").exists()


def test_what_is_broken_off_leaves_nothing_in_the_way_of_the_next_try(config: Path):
    (config / "mappings").write_text("", encoding="utf-8")
    with pytest.raises(Failed, match="nothing was written"):
        imported(config, "thue", "--openapi", described(config, OPENAPI))
    assert not (config / "systems/thue.toml").exists()
    (config / "mappings").unlink()
    assert imported(config, "thue", "--openapi", described(config, OPENAPI))["files"]


def test_a_folder_that_is_not_there_is_not_made(config: Path):
    with pytest.raises(Failed, match="no such folder"):
        imported(config / "slip", "thue", "--openapi", described(config, OPENAPI))
    assert not (config / "slip").exists()
