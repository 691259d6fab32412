"""What nobody fills: by the partner's description, by our model, by both names."""

import json
import tomllib
from pathlib import Path

import pytest

from gateway.sdk.json_schema import required_by
from gateway.sdk.mapping import Direction
from gateway.sdk.mapping_check import Finding, Lack, Use, check
from gateway.sdk.mapping_compiler import compile_mapping
from gateway.sdk.our_fields import Nowhere, alike, field_at, required_of
from gateway.wire.zeep_codec import load_wsdl

ROOT = Path(__file__).resolve().parents[3]
OPENAPI = {
    "components": {
        "schemas": {
            "HoSo": {
                "allOf": [{"$ref": "#/components/schemas/Chung"}],
                "required": ["maHoSo", "chu"],
                "properties": {
                    "chu": {"$ref": "#/components/schemas/Nguoi"},
                    "tep": {"type": "array", "items": {"required": ["ten"], "properties": {"ten": {}}}},
                },
            },
            "Chung": {"required": ["maDonVi"]},
            "Nguoi": {
                "required": ["hoTen"],
                "properties": {"hoTen": {}, "cha": {"$ref": "#/components/schemas/Nguoi"}},
            },
            "Vong": {"required": ["trong"], "properties": {"trong": {"$ref": "#/components/schemas/Vong"}}},
        }
    }
}


def found(rows, required=(), kind="dossier.submitted", direction=Direction.OUT):
    mapping = compile_mapping("land/dossier", tomllib.loads(f'version = "1"\nrow = [{rows}]'), direction)
    use = Use(where=kind, mapping=mapping, direction=direction, kind=kind, required=required)
    return [(one.lack, one.theirs, one.ours) for one in check(use)]


def test_names_what_is_required_and_unmapped_by_both_names():
    """The partner's name, and ours that it most likely means, with its national one."""
    rows = """
{ to = "hoSo.ma", from = "code:province" },
{ to = "tep[]", each = "files", rows = [{ to = "ten", value = "x" }] }"""
    required = (("hoSo", "ma"), ("hoSo", "SoDienThoai"), ("hoSo", "khac"), ("tep", "ten"), ("tep", "MaHoSo"))
    assert found(rows, required) == [
        (
            Lack.UNMAPPED,
            "hoSo.SoDienThoai",
            (
                "dossier.owner.phone (ChuHoSo.SoDienThoai)",
                "dossier.representative.phone (UyQuyen.SoDienThoai)",
                "dossier.subjects.phone (DanhSachDoiTuong.SoDienThoai)",
            ),
        ),
        (Lack.UNMAPPED, "hoSo.khac", ()),
        (Lack.UNMAPPED, "tep.MaHoSo", ("dossier.code (MaHoSo)", "dossier.relations.code (HoSoLienQuan.MaHoSo)")),
    ]


def test_a_table_or_form_that_is_taken_whole_fills_what_is_below():
    """A form in the partner's own names, say."""
    assert found('{ to = "hoSo", from = "form", as = "raw" }', (("hoSo", "ma"),)) == []


def test_names_a_source_that_our_model_lacks():
    """With what there is instead; a field that another kind of event has is one."""
    rows = '{ to = "a", from = "dossier.ower.name" }, { to = "b", from = "data.reason" }, { to = "c", from = "form.x" }'
    ((lack, theirs, ours),) = found(rows)
    assert (lack, theirs, ours) == (Lack.UNKNOWN, "a", ("dossier.ower.name",))


def test_the_data_of_a_system_s_own_kind_is_free():
    """It is carried as it comes: no name in it is one that our model lacks, unlike one beside it."""
    rows = '{ to = "a", from = "data.soToBanDo", required = true }, { to = "b", from = "dossier.ower.name" }'
    for kind in ("x.land.ban_do", "x.land.*"):
        assert found(rows, kind=kind) == [(Lack.UNKNOWN, "b", ("dossier.ower.name",))]
    assert (Lack.UNKNOWN, "a", ("data.soToBanDo",)) in found(rows, kind="status.changed")


def test_names_what_is_required_there_and_optional_here():
    """Unless there is a default, or one of the sources is always there."""
    rows = """
{ to = "a", from = "dossier.summary", required = true },
{ to = "b", from = ["dossier.summary", "dossier.procedure.code"], required = true },
{ to = "c", from = "dossier.summary", required = true, default = "không" },
{ to = "d", jsonata = "dossier.summary", required = true }"""
    assert found(rows) == [(Lack.MAY_MISS, "a", ("dossier.summary (TrichYeuHoSo)",))]


@pytest.mark.parametrize(
    ("rows", "lacking"),
    [
        ('{ to = "kind", value = "withdrawal.refused" }, { to = "dossier.code", from = "body.ma" }', ["data.reason"]),
        ('{ to = "kind", value = "withdrawal.refused" }, { to = "data.reason", from = "body.x" }', ["dossier.code"]),
        ('{ to = "kind", from = "body.loai" }, { to = "dossier.code", from = "body.ma" }', []),
        ('{ to = "dossier.references[]", each = "body.ma", rows = [{ to = "code", from = "item" }] }', ["kind"]),
        (
            """
{ to = "kind", from = "body.k", table = { a = "withdrawal.refused", b = "status.changed" } },
{ to = "dossier.code", from = "body.ma" }""",
            [],
        ),
    ],
)
def test_names_what_our_own_event_insists_on(rows, lacking):
    """Of call-backs: by the kind, where the table says which."""
    assert [ours for _, _, (ours,) in found(rows, direction=Direction.IN)] == lacking


def test_reads_what_a_wsdl_insists_on():
    """Down to the fields that have a value."""
    wsdl = load_wsdl(ROOT / "config" / "wsdl" / "business_registry.wsdl")
    assert wsdl.operation("guiHoSo").required == tuple(
        ("hoSo", name) for name in ("maGiaoDich", "maHoSo", "maTTHC", "chuHoSo")
    )


def test_reads_what_a_schema_insists_on(tmp_path: Path):
    """References and parts are followed, lists entered, circles left."""
    (tmp_path / "api.json").write_text(json.dumps(OPENAPI), encoding="utf-8")
    where = "api.json#/components/schemas/"
    assert required_by(tmp_path, f"{where}HoSo") == (("maDonVi",), ("maHoSo",), ("chu", "hoTen"))
    (endless,) = required_by(tmp_path, f"{where}Vong")
    assert set(endless) == {"trong"}


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("no.json", "no file `no.json`"),
        ("../api.json", "no file"),
        ("api.json#/x", "no schema at #/x"),
        ("bad.json", "is no JSON object"),
    ],
)
def test_a_schema_that_cannot_be_read_is_named(tmp_path: Path, reference, problem):
    """Nothing above the configuration is read."""
    folder = tmp_path / "config"
    folder.mkdir()
    (tmp_path / "api.json").write_text("{}", encoding="utf-8")
    (folder / "api.json").write_text("{}", encoding="utf-8")
    (folder / "bad.json").write_text("[", encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        required_by(folder, reference)


def test_knows_our_fields_by_both_names():
    """As deep as they go; a list is entered, a free field is free."""
    field = field_at("dossier", ("owner", "identities", 0, "number"), "dossier.submitted")
    assert (field.path, field.national, field.optional) == (
        "dossier.owner.identities[0].number",
        "ChuHoSo.DanhSachDinhDanh.SoDinhDanh",
        True,
    )
    assert isinstance(field_at("data", ("nothing",), "status.changed"), Nowhere)
    assert field_at("form", ("x",), "dossier.submitted") is None
    assert required_of("supplement.requested") == ("content",)
    assert alike("ma_ho_so")[0].path == "dossier.code"
    assert alike("zzzzz") == []


def test_a_finding_names_its_place():
    """What the command shows."""
    mapping = compile_mapping("m", {"version": "1", "row": []}, Direction.ASK)
    use = Use(where="dossier lookup", mapping=mapping, direction=Direction.ASK, required=(("ma",),))
    (one,) = check(use)
    assert isinstance(one, Finding)
    assert (one.where, one.mapping, one.theirs) == ("dossier lookup", "m", "ma")
