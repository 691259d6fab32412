"""Public means described: every field, parameter and answer of ``/openapi.json``, by more than its name."""

import json
import re

import msgspec
import pytest
from lxml import etree

from gateway.core import adoption, attention, deadline, handback, reconcile, replay, shadowing, sky, whatif
from gateway.core.acts import TargetKind
from gateway.core.breaker import Phase
from gateway.core.delivery import State, Step
from gateway.core.proposals import ProposalState
from gateway.core.query import QueryState
from gateway.core.routing import Mode, Role
from gateway.ingress.app import DOORS, described
from gateway.ingress.openapi_examples import EXAMPLES
from gateway.ingress.soap import wsdl
from gateway.model.kinds import KINDS
from gateway.model.names import Vocabulary
from gateway.model.national import NATIONAL
from gateway.model.reading import read_dossier
from gateway.model.rules import broken_rules

SPEC = json.loads(described())
SCHEMAS = SPEC["components"]["schemas"]
XS = "{http://www.w3.org/2001/XMLSchema}"
FILLERS = {"a", "an", "its", "of", "the"}
#: Whose texts are the values of an enumeration.
VALUES = {
    "ActBody.target_kind": TargetKind,
    "AttemptBody.step": Step,
    "BreakerBody.state": Phase,
    "DeadlineBody.outlook": set(deadline.Outlook) - {deadline.Outlook.NONE},
    "DeliveryBody.state": State,
    "DivergenceBody.divergence": reconcile.Divergence,
    "DivergenceBody.repair": reconcile.Repair,
    "EntryBody.matter": attention.Matter,
    "HandedBody.handing": handback.Handing,
    "ComparedBody.likeness": set(shadowing.Likeness) - {shadowing.Likeness.ONLY_OURS},
    "NeighbourBody.condition": sky.Condition,
    "ProposalBody.state": ProposalState,
    "QueryRecordBody.state": QueryState,
    "ReconciliationBody.state": reconcile.ReconciliationState,
    "ReplayItemBody.state": replay.ItemState,
    "RunBody.state": replay.RunState,
    "SystemBody.mode": Mode,
    "SystemBody.role": Role,
    "TriedBody.verdict": whatif.Verdict,
    "WeatherBody.condition": sky.Condition,
    "WeighedBody.verdict": adoption.Verdict,
}


def words(text):
    return set(re.findall(r"\w+", text.replace("_", " ").lower())) - FILLERS


def fields():
    return [
        (f"{name}.{field}", told) for name, schema in SCHEMAS.items() for field, told in schema["properties"].items()
    ]


def operations():
    return [(path, method, item) for path, methods in SPEC["paths"].items() for method, item in methods.items()]


def test_every_field_says_more_than_its_name():
    said = {name: told["description"].partition(" · ")[0] for name, told in fields()}
    assert [name for name, text in said.items() if not words(text) - words(name.partition(".")[2])] == []


def test_every_parameter_header_and_answer_says_what_it_is():
    for path, method, item in operations():
        told = [item["summary"], *(answer["description"] for answer in item["responses"].values())]
        told += [given["description"] for given in item.get("parameters", ())]
        told += [
            header["description"]
            for answer in item["responses"].values()
            for header in answer.get("headers", {}).values()
        ]
        assert all(map(words, told)), f"{method} {path}"


@pytest.mark.parametrize("place", VALUES)
def test_a_field_names_every_value_it_may_have(place):
    name, _, field = place.partition(".")
    said = SCHEMAS[name]["properties"][field]["description"]
    assert set(re.split(r"[,;:]? ", said)) >= {str(value) for value in VALUES[place]}


def test_national_names_are_described_where_they_are_sent():
    """Each struct of the model a second time: the same fields under the names that the door reads."""
    body = SPEC["paths"]["/v1/dossiers"]["post"]["requestBody"]["content"]["application/vnd.qcvn120+json"]
    assert body["schema"] == {"$ref": "#/components/schemas/NewDossierQCVN120"}
    for struct, names in NATIONAL.items():
        english, national = SCHEMAS[struct.__name__], SCHEMAS[f"{struct.__name__}QCVN120"]
        assert list(national["properties"]) == [names[field] for field in english["properties"]]
        assert national.get("required", []) == [names[field] for field in english.get("required", [])]
    assert SCHEMAS["NewDossierQCVN120"]["properties"]["HoSo"]["$ref"] == "#/components/schemas/DossierQCVN120"
    assert "MaHoSo" in SCHEMAS["Dossier"]["properties"]["code"]["description"]


@pytest.mark.parametrize("struct", EXAMPLES, ids=lambda struct: struct.__name__)
def test_an_example_is_what_its_door_takes(struct):
    """By the type; what is stated about a dossier also by the rules of its kind."""
    example = EXAMPLES[struct]
    msgspec.json.decode(msgspec.json.encode(example), type=struct)
    assert SCHEMAS[struct.__name__]["examples"] == [json.loads(msgspec.json.encode(example))]
    if struct in {kind.data for kind in KINDS.values()}:
        kinds = [kind.name for kind in KINDS.values() if kind.data is struct]
        faults = [
            list(broken_rules({"kind": kind, "dossier": {"code": "x"}, "data": example}, Vocabulary.ENGLISH))
            for kind in kinds
        ]
        assert [] in faults


def test_everything_that_is_sent_has_an_example_under_both_names():
    sent = {struct for door in DOORS for struct in door.sends}
    assert sent | {kind.data for kind in KINDS.values()} <= set(EXAMPLES)
    given, national = (SCHEMAS[name]["examples"][0] for name in ("NewDossier", "NewDossierQCVN120"))
    assert read_dossier(given) == read_dossier(national, names=Vocabulary.NATIONAL)


def test_every_element_of_the_wsdl_says_what_it_is():
    """But for the messages themselves, whose types do."""
    for element in etree.fromstring(wsdl.committed()).iter(f"{XS}element"):
        if not element.getparent().tag.endswith("schema"):
            assert element.findtext(
                f"{XS}annotation/{XS}documentation[@{{http://www.w3.org/XML/1998/namespace}}lang='en']"
            ), element.get("name")


def test_no_two_schemas_share_a_name():
    assert all("." not in name for name in SCHEMAS)
