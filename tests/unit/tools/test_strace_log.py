"""The judgement of a trace: G1 is proved by the order of system calls."""

import pytest

from tools.strace_log import Call, answer_of, judge_blob, judge_log, read

SAFE = """\
100 mkdir("/d/blobs/ab", 0777) = 0
100 fsync(9</d/blobs>) = 0
100 write(12</d/blobs/ab/tmp1>, "%PDF blob-mark", 14) = 14
100 fsync(12</d/blobs/ab/tmp1> <unfinished ...>
101 pwrite64(7</d/gateway.db-wal>, "older frame", 4096, 32) = 4096
100 <... fsync resumed>)              = 0
100 rename("/d/blobs/ab/tmp1", "/d/blobs/ab/final") = 0
100 fsync(13</d/blobs/ab>) = 0
101 pwrite64(7</d/gateway.db-wal>, "\\r\\0\\0 row-mark", 4096, 4152) = 4096
101 fdatasync(7</d/gateway.db-wal>) = 0
102 sendto(15<TCP:[127.0.0.1:80->127.0.0.1:4000]>, "HTTP/1.1 202 Accepted", 21, 0, NULL, 0) = 21
102 sendto(15<TCP:[127.0.0.1:80->127.0.0.1:4000]>, "{\\"message_id\\":\\"m-1\\"}", 20, 0, NULL, 0) = 20
103 +++ exited with 0 +++
"""


def trace(text: str) -> tuple[list[Call], Call]:
    """The calls of a trace, and the answer that carries m-1."""
    calls = list(read(text.splitlines()))
    answer = answer_of(calls, "m-1")
    assert answer is not None
    return calls, answer


def failures(text: str) -> list[str]:
    calls, answer = trace(text)
    verdicts = [
        *judge_blob(calls, marker="blob-mark", answer=answer),
        judge_log(calls, marker="row-mark", answer=answer),
    ]
    return [verdict.what for verdict in verdicts if not verdict.holds]


def test_accepts_a_trace_in_the_right_order() -> None:
    """G1: file, folders and WAL were synced before the answer began."""
    assert failures(SAFE) == []


def test_takes_the_first_bytes_of_the_answer_not_those_with_the_id() -> None:
    """The status line may leave before the body that names the message."""
    assert "202" in trace(SAFE)[1].args


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("101 fdatasync(7</d/gateway.db-wal>) = 0\n", "WAL"),
        ("100 fsync(13</d/blobs/ab>) = 0\n", "blob folder"),
        ("100 fsync(9</d/blobs>) = 0\n", "folder of a new folder"),
        ("100 <... fsync resumed>)              = 0\n", "blob file"),
    ],
)
def test_names_what_was_never_synced(line: str, missing: str) -> None:
    """G1: each missing sync is found and named."""
    assert failures(SAFE.replace(line, "")) == [missing]


def test_refuses_a_sync_that_ends_after_the_answer_began() -> None:
    """G1: an fsync under way is not an fsync done."""
    sync = "101 fdatasync(7</d/gateway.db-wal>) = 0\n"
    late = SAFE.replace(sync, "101 fdatasync(7</d/gateway.db-wal> <unfinished ...>\n")
    assert failures(late + "101 <... fdatasync resumed>) = 0\n") == ["WAL"]


def test_refuses_a_sync_that_failed() -> None:
    """G1: EIO from fsync is no durability."""
    assert failures(
        SAFE.replace("fdatasync(7</d/gateway.db-wal>) = 0", "fdatasync(7</d/gateway.db-wal>) = -1 EIO")
    ) == ["WAL"]


def test_refuses_a_sync_from_before_the_write() -> None:
    """G1: only a sync after the data's last write counts."""
    lines = SAFE.splitlines(keepends=True)
    lines[8], lines[9] = lines[9], lines[8]
    assert failures("".join(lines)) == ["WAL"]


def test_finds_no_answer_where_none_was_written() -> None:
    """A trace without the id holds no answer; what the gateway wrote to its own files is none either."""
    calls = list(read(['100 write(3</d/serve.log>, "m-1", 3) = 3']))
    assert answer_of(calls, "m-1") is None
