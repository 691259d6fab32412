"""Read what ``strace -f -y`` wrote, and judge by it whether data was on disk before an answer left.

A line is ``PID call(args) = result``; ``-y`` writes a descriptor with what it stands for: ``7</data/gateway.db-wal>``.
A call that another thread interrupts is written in two parts, ``<unfinished ...>`` and ``<... call resumed>``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

WRITES = frozenset({"write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg"})
SYNCS = frozenset({"fsync", "fdatasync"})
NAMINGS = frozenset({"rename", "renameat", "renameat2", "link", "linkat"})
FOLDERS = frozenset({"mkdir", "mkdirat"})
TRACED = WRITES | SYNCS | NAMINGS | FOLDERS

_WHOLE = re.compile(r"^(?P<pid>\d+)\s+(?P<call>\w+)\((?P<args>.*)\)\s+= (?P<result>-?\d+)")
_BEGUN = re.compile(r"^(?P<pid>\d+)\s+(?P<call>\w+)\((?P<args>.*?)\s*<unfinished \.\.\.>$")
_ENDED = re.compile(r"^(?P<pid>\d+)\s+<\.\.\. (?P<call>\w+) resumed>(?P<args>.*)\)\s+= (?P<result>-?\d+)")
_TARGET = re.compile(r"^-?\w+<(?P<name>(?:[^<>]|->)*)>")
_PATH = re.compile(r'(?:\w+<(?P<folder>[^<>]*)>, )?"(?P<path>(?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One finished system call. ``began`` and ``ended`` are line numbers: the order in which strace saw things."""

    name: str
    args: str
    result: int
    began: int
    ended: int

    @property
    def target(self) -> str:
        """The path or socket behind the first descriptor, or an empty text."""
        match = _TARGET.match(self.args)
        return match["name"] if match else ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths named in the arguments, made absolute by the folder descriptor before each."""
        return tuple(str(PurePosixPath(found["folder"] or "/", found["path"])) for found in _PATH.finditer(self.args))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one thing was on disk in time, and the sentence that says so."""

    what: str
    holds: bool
    why: str


@dataclass(slots=True)
class _Half:
    began: int
    args: str


def read(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the successful calls in the order in which they ended; lines of another shape are passed over."""
    halves: dict[tuple[str, str], _Half] = {}
    for number, line in enumerate(lines):
        text = line.rstrip("\n")
        if begun := _BEGUN.match(text):
            halves[begun["pid"], begun["call"]] = _Half(number, begun["args"])
        elif ended := _ENDED.match(text):
            half = halves.pop((ended["pid"], ended["call"]), None)
            yield from _finished(ended, half, number)
        elif whole := _WHOLE.match(text):
            yield from _finished(whole, _Half(number, ""), number)


def _finished(match: re.Match[str], half: _Half | None, number: int) -> Iterator[Call]:
    if half is not None and int(match["result"]) >= 0:
        args = half.args + match["args"]
        yield Call(name=match["call"], args=args, result=int(match["result"]), began=half.began, ended=number)


def answer_of(calls: Sequence[Call], marker: str) -> Call | None:
    """Find the first bytes of the answer that carries ``marker``: the first write to that answer's socket."""
    for call in calls:
        if call.name in WRITES and marker in call.args and not call.target.startswith("/"):
            return next(first for first in calls if first.name in WRITES and first.target == call.target)
    return None


def judge_log(calls: Sequence[Call], *, marker: str, answer: Call) -> Verdict:
    """Judge whether the write-ahead log was synced between the first frame that carries ``marker`` and the answer."""
    frames = (call for call in calls if _writes(call, marker) and call.target.endswith("-wal"))
    frame = next(frames, None)
    if frame is None:
        return Verdict(what="WAL", holds=False, why=f"no write to a WAL carries {marker}")
    return _judge_sync(calls, path=frame.target, after=frame, before=answer, what="WAL")


def judge_blob(calls: Sequence[Call], *, marker: str, answer: Call) -> tuple[Verdict, ...]:
    """Judge whether the file that carries ``marker``, its folder and each new folder were synced before the answer."""
    written = [call for call in calls if _writes(call, marker) and _is_plain_file(call.target)]
    if not written:
        return (Verdict(what="blob file", holds=False, why=f"no write to a file carries {marker}"),)
    last = written[-1]
    named = next((call for call in calls if call.name in NAMINGS and last.target in call.paths[:1]), None)
    path = PurePosixPath(named.paths[1] if named else last.target)
    names = {last.target, str(path)}
    return (
        _judge_sync(calls, path=names, after=last, before=answer, what="blob file"),
        _judge_sync(calls, path=str(path.parent), after=named or last, before=answer, what="blob folder"),
        *_judge_new_folders(calls, path, answer),
    )


def _judge_new_folders(calls: Sequence[Call], path: PurePosixPath, answer: Call) -> Iterator[Verdict]:
    ancestors = {str(folder) for folder in path.parents}
    for call in calls:
        if call.name in FOLDERS and call.paths and call.paths[0] in ancestors:
            parent = str(PurePosixPath(call.paths[0]).parent)
            yield _judge_sync(calls, path=parent, after=call, before=answer, what="folder of a new folder")


def _judge_sync(calls: Sequence[Call], *, path: str | set[str], after: Call, before: Call, what: str) -> Verdict:
    wanted = {path} if isinstance(path, str) else path
    shown = min(wanted, key=len)
    for call in calls:
        in_time = call.began > after.ended and call.ended < before.began
        if call.name in SYNCS and call.target in wanted and in_time:
            return Verdict(what=what, holds=True, why=f"{call.name} of {shown} ended before the answer began")
    return Verdict(what=what, holds=False, why=f"no fsync of {shown} between its last write and the answer")


def _writes(call: Call, marker: str) -> bool:
    return call.name in WRITES and marker in call.args


def _is_plain_file(target: str) -> bool:
    return target.startswith("/") and not target.endswith(("-wal", "-shm", ".db", "-journal", ".log"))
