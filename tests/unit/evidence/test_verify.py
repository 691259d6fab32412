"""The verifier: what a clever forger meets, and what a hostile file costs."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.chain import Head, canonical, commitment, digest, field_salt, genesis, link
from gateway.core.ids import NodeId
from gateway.evidence.verify import LINE_LIMIT, Bad, Flaw, Report, verify
from tools.tamper import a_file

_FILE = asyncio.run(a_file())


def _values() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _FILE.splitlines()]


def _verify(values: list[dict[str, Any]]) -> Report:
    return verify(io.BytesIO(b"".join(canonical(value) + b"\n" for value in values)))


def _close(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the last line as one who knows the format would."""
    body = values[:-1]
    written = b"".join(canonical(value) + b"\n" for value in body)
    end = {
        "chains": sum("chain" in value for value in body),
        "records": sum("link" in value for value in body),
        "sha256": hashlib.sha256(written).hexdigest(),
    }
    return [*body, {"end": end}]


def _chain_again(values: list[dict[str, Any]], which: int) -> None:
    """Compute the links of one chain anew, as one who knows the format would, and its own line with them."""
    starts = [index for index, value in enumerate(values) if "chain" in value]
    line = values[starts[which]]["chain"]
    head = Head.before_first(NodeId(line["node"]))
    for value in values[starts[which] + 1 :]:
        if "link" not in value:
            break
        head = head.then(digest(canonical(value["record"])))
        value["link"] = head.link.hex()
    line["marks"] = [[head.number, head.link.hex()]]


def test_a_link_is_what_the_format_says() -> None:
    """Known values, so that no release computes another chain."""
    assert canonical({"b": 1, "a": "đơn\n", "c": [None, True]}) == '{"a":"đơn\\n","b":1,"c":[null,true]}'.encode()
    assert genesis(NodeId("node-1")) == hashlib.sha256(b"gateway.evidence/1 node-1").digest()
    one = link(b"\0" * 32, 1, digest(b"{}"))
    assert one == hashlib.sha256(b"\0" * 32 + b"\0" * 7 + b"\x01" + hashlib.sha256(b"{}").digest()).digest()


def test_a_whole_chain_written_anew_does_not_fit_what_the_next_one_names() -> None:
    """G10: an earlier incarnation cannot be rewritten alone, even with all its links and checksums."""
    values = _values()
    record = next(value["record"] for value in values if value.get("record", {}).get("type") == "delivery.attempted")
    record["outcome"] = "rejected"
    _chain_again(values, 0)
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert (bad.flaw, bad.number) == (Flaw.EARLIER, 1)


def test_an_earlier_chain_shortened_does_not_fit_what_the_next_one_names() -> None:
    """G10: truncation up to what is known."""
    values = _values()
    second = [index for index, value in enumerate(values) if "chain" in value][1]
    del values[second - 3 : second]
    _chain_again(values, 0)
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert bad.flaw is Flaw.EARLIER


@pytest.mark.parametrize("which", range(3))
def test_a_whole_chain_left_out_is_missed_by_the_next_one(which: int) -> None:
    """G10: and the last one by nobody but the last line, until heads are anchored."""
    values = _values()
    starts = [index for index, value in enumerate(values) if "chain" in value]
    del values[starts[which] : starts[which + 1]]
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert bad.flaw is Flaw.EARLIER


def _first(values: list[dict[str, Any]], which: int) -> int:
    return [index for index, value in enumerate(values) if "chain" in value][which] + 1


def _repeated(values: list[dict[str, Any]]) -> None:
    values[-1:-1] = values[1 : _first(values, 1) - 1]


def _marked_otherwise(values: list[dict[str, Any]]) -> None:
    values[1]["chain"]["marks"][-1][1] = "0" * 64


def _without_its_beginning(values: list[dict[str, Any]]) -> None:
    record = values[2].pop("record")
    values[2]["digest"] = digest(canonical(record)).hex()


def _left_out_and_opened(values: list[dict[str, Any]]) -> None:
    record = values[3].pop("record")
    values[3] |= {"digest": digest(canonical(record)).hex(), "open": {"content": {"salt": "00" * 32, "value": "x"}}}


def _without_its_end(which: int) -> Callable[[list[dict[str, Any]]], None]:
    def forge(values: list[dict[str, Any]]) -> None:
        ends = [index for index, value in enumerate(values) if "chain" in value or "end" in value][1:]
        del values[ends[which] - 1]

    return forge


def _begun_with(which: int, **fields: object) -> Callable[[list[dict[str, Any]]], None]:
    def forge(values: list[dict[str, Any]]) -> None:
        values[_first(values, which)]["record"] |= fields
        _chain_again(values, which)

    return forge


@pytest.mark.parametrize(
    ("forge", "flaw"),
    [
        (_repeated, Flaw.REPEATED),
        (_marked_otherwise, Flaw.MARK),
        (_without_its_beginning, Flaw.BEGIN),
        (_begun_with(0, type="delivery.moved"), Flaw.BEGIN),
        (_begun_with(0, node="another"), Flaw.BEGIN),
        (_begun_with(1, earlier="none"), Flaw.BEGIN),
        (_begun_with(3, earlier=[]), Flaw.EARLIER),
        (_left_out_and_opened, Flaw.MISPLACED),
        (_without_its_end(0), Flaw.MISSING),
        (_without_its_end(-1), Flaw.MISSING),
    ],
)
def test_a_chain_that_is_not_as_chains_are_is_found(forge: Callable[[list[dict[str, Any]]], None], flaw: Flaw) -> None:
    """G10: also by one who computes every link and sum anew."""
    values = _values()
    forge(values)
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert bad.flaw is flaw


def test_what_is_written_anew_to_the_very_end_is_not_found() -> None:
    """What the chain alone cannot do, said where it is proved: heads must be anchored outside."""
    values = _values()
    values[-2]["record"]["outcome"] = "rejected"
    _chain_again(values, 3)
    assert _verify(_close(values)).bad is None


def test_a_sealed_field_opens_only_with_its_value() -> None:
    """One field of one record can be shown to one who may know."""
    salt = field_salt(b"\1" * 16, "content")
    values = _values()
    at = max(index for index, value in enumerate(values) if value.get("record", {}).get("type") == "message.accepted")
    values[at]["record"]["content"] = commitment(salt, "abc")
    _chain_again(values, 3)
    values[at]["open"] = {"content": {"salt": salt.hex(), "value": "abc"}}
    report = _verify(_close(values))
    assert (report.bad, report.opened) == (None, 1)
    values[at]["open"]["content"]["value"] = "abd"
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert bad.flaw is Flaw.SEALED


def test_records_may_be_left_out_by_their_digest() -> None:
    """The chain still holds, and the report says how many were not shown."""
    values = _values()
    for index, value in enumerate(values):
        if value.get("record", {}).get("type") == "delivery.attempted":
            values[index] = {"digest": digest(canonical(value["record"])).hex(), "link": value["link"]}
    report = _verify(_close(values))
    assert report.bad is None
    assert report.left_out == sum("digest" in value for value in values)


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        (b"\n", Flaw.UNREADABLE),
        (b"{}\n", Flaw.MISPLACED),
        (b"[" * 200_000 + b"\n", Flaw.UNREADABLE),
        (b'{"a":' * 100_000 + b"\n", Flaw.UNREADABLE),
        (b"x" * (LINE_LIMIT + 5), Flaw.TOO_LONG),
        (b'{"a":1.5}\n', Flaw.UNREADABLE),
        (b'{"a":NaN}\n', Flaw.UNREADABLE),
        (b'{"a":' + b"9" * 5000 + b"}\n", Flaw.UNREADABLE),
        (b'{"a":1,"a":1}\n', Flaw.UNREADABLE),
        (b'{"a":"\\ud800"}\n', Flaw.UNREADABLE),
        (b"\xff\xfe{\x00}\x00\n", Flaw.UNREADABLE),
    ],
)
def test_a_hostile_line_is_refused_with_a_reason(line: bytes, flaw: Flaw) -> None:
    """No depth, length or number makes the verifier fail or grow. As the first line, it is of no evidence."""
    header = _FILE.splitlines(keepends=True)[0]
    for file, expected in ((header + line, Bad(flaw=flaw, line=2)), (line, Bad(flaw=Flaw.FORMAT, line=1))):
        assert verify(io.BytesIO(file)).bad == expected


@pytest.mark.parametrize(
    ("file", "flaw"),
    [
        (b"", Flaw.EMPTY),
        (b"# Sample\n\nNo evidence\n", Flaw.FORMAT),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Flaw.FORMAT),
        (b'{"evidence":{"exported_at":"","format":"other/9","since":null}}\n', Flaw.FORMAT),
    ],
)
def test_what_is_no_file_of_evidence_is_told_as_such(file: bytes, flaw: Flaw) -> None:
    """Not as evidence that somebody has changed: whoever named the wrong file would look for who did."""
    assert verify(io.BytesIO(file)).bad == Bad(flaw=flaw, line=1)


def test_nothing_may_follow_the_end() -> None:
    bad = verify(io.BytesIO(_FILE + b"{}\n")).bad
    assert bad is not None
    assert bad.flaw is Flaw.AFTER_END


def test_an_endless_line_is_not_read() -> None:
    """Memory stays bounded whatever is piped in."""

    class Endless:
        taken = 0

        def readline(self, limit: int = -1, /) -> bytes:
            assert 0 < limit <= LINE_LIMIT + 1
            self.taken += limit
            return b"x" * limit

    source = Endless()
    assert verify(source).bad is not None
    assert source.taken == LINE_LIMIT + 1


@pytest.mark.parametrize("place", ["chain", "end"])
def test_a_record_that_hides_in_a_line_of_another_kind_is_found(place: str) -> None:
    """G10: whoever reads the file by eye would take it for one of those that were verified."""
    values = _values()
    hidden = next(value for value in values if "link" in value)
    if place == "chain":
        values[1] = {**values[1], "record": hidden["record"]}
        values = _close(values)
    else:
        values[-1] = {**values[-1], "record": hidden["record"]}
    bad = _verify(values).bad
    assert bad is not None
    assert bad.flaw is Flaw.MISPLACED


def test_a_record_that_claims_to_begin_a_chain_as_well_is_found() -> None:
    """G10: one line says one thing."""
    values = _values()
    values[2] = {**values[2], "chain": values[1]["chain"]}
    bad = _verify(_close(values)).bad
    assert bad is not None
    assert bad.flaw is Flaw.MISPLACED
