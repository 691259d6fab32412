"""The log: one JSON object per line, fast, and without anything personal or secret."""

import ast
import json
import logging
import os
import resource
import shutil
import time
from itertools import count
from pathlib import Path

import pytest
import structlog

from gateway.config.settings import Logs
from gateway.core.message import Payload
from gateway.observability.log_file import LogFile, Rotation, StandardOutput
from gateway.observability.logs import FILE_NAME, set_up
from gateway.observability.redaction import FORBIDDEN
from gateway.ports.secrets import Secret

CITIZEN = "014089001234"
PHONE = "0912345678"
NAME = "Lò Văn Canary"
KEY = "gw_019d1a2b-7c3d-7e4f-8a5b-123456789012_Zk3Vq9XcanaryT7uLw2Rb8Yp5Nd1Hs4Gf6aaaaaaa"
MAIL = "canary@citizen.example"
CANARIES = (CITIZEN, PHONE, NAME, KEY, MAIL, "MIIcanaryBody")
SETTINGS = Logs(to="file", level="info", size=65536, keep=2)


@pytest.fixture
def log(tmp_path: Path):
    opened = set_up(SETTINGS, tmp_path)
    yield tmp_path / FILE_NAME
    opened.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_writes_one_json_object_per_event_with_bound_facts(log: Path):
    """Time, level, event, and what the context says."""
    with structlog.contextvars.bound_contextvars(trace_id="ab" * 16):
        structlog.get_logger().info("attempt", system="civil_status", duration_ms=12.5)
    (line,) = lines(log)
    assert line["event"] == "attempt"
    assert line["level"] == "info"
    assert line["trace_id"] == "ab" * 16
    assert line["duration_ms"] == 12.5
    assert str(line["timestamp"]).endswith("Z")


def test_leaves_out_what_is_below_the_level(log: Path):
    """Debug lines cost nothing in production."""
    structlog.get_logger().debug("noise")
    assert log.read_bytes() == b""


@pytest.mark.parametrize("code", ["014089001234", "0912345678", "123456789", "H52.11-260302-0001", "000.00.52/2026"])
def test_a_dossiers_code_is_shown_whatever_it_looks_like(log: Path, code: str):
    """G9: dossier codes are allowed in logs; without them nobody finds anything."""
    structlog.get_logger().info("attempt", dossier=code)
    assert lines(log)[0]["dossier"] == code


@pytest.mark.parametrize("code", [NAME, f"{CITIZEN} {NAME}", MAIL, KEY])
def test_what_is_no_dossiers_code_is_masked_in_its_place(log: Path, code: str):
    """G9: what a sender puts there by mistake is not kept."""
    structlog.get_logger().info("attempt", dossier=code)
    assert code not in (log.read_text(encoding="utf-8"))


def plant(log: structlog.typing.FilteringBoundLogger) -> None:
    """Log citizen data and keys in every place that a careless line could use."""
    payload = Payload(body=b"MIIcanaryBody", media_type="application/json")
    log.info("attempt", document=NAME, body="MIIcanaryBody", detail=NAME, authorization=f"Bearer {KEY}")
    log.info("attempt", payload_seen=payload, raw_bytes=b"MIIcanaryBody", secret_object=Secret(KEY))
    log.info("attempt", note=f"citizen {CITIZEN}, {PHONE}, {MAIL}", number=int(CITIZEN), header=f"Bearer {KEY}")
    log.info("attempt", listed=[CITIZEN, {"name": NAME}], nested={"name": NAME}, presented=KEY)
    said = f"said {CITIZEN} with {KEY}"
    log.warning(said)
    try:
        int(f"{NAME} {CITIZEN}")
    except ValueError as problem:
        log.exception("failed")
        log.warning("failed", exc_info=problem)


def test_planted_personal_data_and_keys_never_reach_the_file(log: Path):
    """G9: no personal data, secret or document body in logs."""
    plant(structlog.get_logger())
    logging.getLogger("aiohttp.server").error("cannot read %s", f"{NAME} {CITIZEN} {KEY}")
    written = log.read_text(encoding="utf-8")
    assert len(lines(log)) == 8
    assert [canary for canary in CANARIES if canary in written or json.dumps(canary)[1:-1] in written] == []


@pytest.mark.parametrize("letter", ["_", "1", "a+"])
def test_a_long_value_is_searched_in_a_time_that_grows_with_it(log: Path, letter: str):
    """100,000 letters of what might begin an address: a moment, not seconds on the event loop."""
    began = time.process_time()
    structlog.get_logger().info("attempt", note=letter * (100_000 // len(letter)) + f" {MAIL}")
    assert time.process_time() - began < 1
    assert MAIL not in log.read_text(encoding="utf-8")


def test_says_where_an_exception_came_from_without_its_words(log: Path):
    """G9: class and place are enough to find a bug."""
    try:
        json.loads(NAME)
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = lines(log)
    assert line["error"] == "JSONDecodeError"
    assert "decode" in str(line["at"])


def test_keeps_dossier_codes_ids_and_digests_readable(log: Path):
    """G9: dossier codes are allowed in logs, and an operator searches by them."""
    facts = {
        "dossier": "H52.12-260301-0001234",
        "message": "019d1a2b-7c3d-7e4f-8a5b-123456789012",
        "delivery": "019d1a2b-7c3d-7e4f-8a5b-012345678901",
        "trace_id": "0123456789abcdef0123456789abcdef",
        **dict.fromkeys(("before", "after", "wanted", "holds", "found"), "284641828260"),  # of configurations
    }
    structlog.get_logger().info("accepted", **facts)
    (line,) = lines(log)
    assert {key: line[key] for key in facts} == facts


def test_library_warnings_come_through_the_same_pipe(log: Path):
    """As their template, without arguments."""
    logging.getLogger("aiohttp.server").warning("slow %s", "x")
    logging.getLogger("aiohttp.server").info("chatter")
    (line,) = lines(log)
    assert (line["library"], line["event"], line["level"]) == ("aiohttp.server", "slow %s", "warning")


def test_a_full_file_is_set_aside_and_only_so_many_are_kept(tmp_path: Path):
    """The disk does not fill up with logs."""
    file = LogFile(tmp_path / "x.jsonl", Rotation(size=100, keep=2))
    for number in range(20):
        file.write(b"%039d\n" % number)
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.jsonl", "x.jsonl.1", "x.jsonl.2"]
    assert (tmp_path / "x.jsonl").read_bytes().endswith(b"19\n")


@pytest.mark.parametrize("how", ["moved", "emptied", "gone with its folder"])
def test_a_file_that_somebody_else_takes_away_is_begun_anew(tmp_path: Path, how: str):
    """By `logrotate`, or by hand: what is written into a file that nobody finds is lost."""
    path, seconds = tmp_path / "log" / "x.jsonl", count()
    file = LogFile(path, Rotation(size=105, keep=2), now=lambda: float(next(seconds)))
    file.write(b"one %095d\n" % 1)
    match how:
        case "moved":
            path.rename(path.with_name("x.jsonl-20261127"))
        case "emptied":
            path.write_bytes(b"")
        case _:
            shutil.rmtree(path.parent)
    for line in (b"two\n", b"three\n"):
        file.write(line)
    file.close()
    assert path.read_bytes() == b"two\nthree\n"
    assert not path.with_name("x.jsonl.1").exists()


def test_a_file_that_cannot_be_written_costs_a_line_not_an_exception(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """The relay must not stop for its log."""
    file = LogFile(tmp_path / "x.jsonl", Rotation(size=100, keep=2))
    file.close()
    file.write(b"lost\n")
    assert "a log line was lost" in capfd.readouterr().err


def test_a_torn_line_spoils_only_itself(tmp_path: Path):
    """A full disk may tear a line; the first whole one after it begins anew."""
    file = LogFile(tmp_path / "x.jsonl", Rotation(size=1 << 20, keep=2))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    file.write(b"one\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (6, hard))
    try:
        file.write(b"two is torn\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.write(b"three\n")
    file.close()
    assert (tmp_path / "x.jsonl").read_bytes() == b"one\ntw\nthree\n"


def test_where_no_new_file_can_be_made_the_old_one_goes_on(tmp_path: Path):
    """And no line lands in whatever has taken its number meanwhile."""
    file = LogFile(tmp_path / "log" / "x.jsonl", Rotation(size=10, keep=2))
    file.write(b"one 56789\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        file.write(b"lost\n")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    file.write(b"two\n")
    file.close()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "log").iterdir())
    assert b"one 56789\n" in kept
    assert b"two\n" in kept


def test_a_reader_of_standard_output_that_stands_still_costs_lines_and_nobody_waits(capsys: pytest.CaptureFixture[str]):
    """G6: what fits is kept for it, whole and in order; what is beyond is counted and said once it reads again."""
    reading, writing = os.pipe()
    output = StandardOutput(writing)
    lines = [b"%04d %s\n" % (number, b"x" * 8000) for number in range(200)]
    for line in lines:
        output.write(line)
    with open(reading, "rb", buffering=0) as reader:  # noqa: PTH123 - a pipe has no path
        found = reader.read(1 << 16)
        while len(found) < 1 << 17:
            found += reader.read(1 << 16)
        output.write(b"last\n")
        while not found.endswith(b"last\n"):
            found += reader.read(1 << 16)
        output.close()
        output.write(b"at once\n")
        assert reader.read(1 << 16) == b"at once\n"
    os.close(writing)
    *kept, last = found.splitlines(keepends=True)
    assert last == b"last\n"
    assert kept == lines[: len(kept)]
    assert len(b"".join(kept)) > 1_000_000
    assert f"{len(lines) - len(kept)} log lines were lost" in capsys.readouterr().err


def test_no_line_of_ours_names_what_is_dropped_from_every_line():
    """A fact under such a name would never be read: which certificate has ended, for one."""
    gateway = Path(__file__).resolve().parents[3] / "gateway"
    calls = [
        (file.name, word.arg)
        for file in gateway.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log.")
        for word in node.keywords
    ]
    assert len(calls) > 100
    assert [(file, word) for file, word in calls if word in FORBIDDEN] == []
