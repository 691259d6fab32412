"""Prove that nothing is acknowledged before it is on disk, and that the proof notices when it is not.

The gateway runs under strace; a file and a dossier are handed over. The trace must show the blob, its folder and the
write-ahead log synced before the first byte of each answer. A second run, with the database's syncing off, must fail.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.gateway_process import ROOT, Caller, GatewayFailed, Launch, new_key, serving
from tools.sample_dossier import sample_dossier
from tools.strace_log import TRACED, Call, Verdict, answer_of, judge_blob, judge_log, read
from tools.strace_program import Strace, StraceUnavailable, find_strace

WORK = ROOT / ".tools"
CONTENT = "durability-probe-of-a-file"
CODE = "H99.99-260101-0001"
LONGEST_DATA = 65536  #: bytes of a written buffer that strace prints: more than a page of the database


def observe(strace: Strace, *settings: str) -> list[Verdict]:
    """Run one gateway under strace, hand it a file and a dossier, and judge the trace."""
    with tempfile.TemporaryDirectory(prefix="durability-", dir=WORK) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        trace = Path(folder) / "trace"
        options = ["-f", "-y", "-s", str(LONGEST_DATA), "-o", str(trace), "-e", f"trace={','.join(sorted(TRACED))}"]
        traced = Launch(
            config=ROOT / "config",
            data=data,
            before=strace.command(options),
            environment=strace.environment,
            settings=settings,
        )
        with serving(traced) as port:
            file_id, message_id = hand_over(Caller(port=port, key=new_key(traced, port, "portal")))
        with trace.open(encoding="utf-8", errors="replace") as lines:
            return judge(list(read(lines)), file_id=file_id, message_id=message_id)


def hand_over(portal: Caller) -> tuple[str, str]:
    """Send a file, then a dossier with it; return the ids that the two answers carry."""
    content = b"%PDF-1.7\n" + CONTENT.encode() + b"\n%%EOF\n"
    file_id = str(portal.upload(content, "don.pdf")["id"])
    receipt = portal.submit(sample_dossier(CODE, files=[file_id]))
    return file_id, str(receipt["message_id"])


def judge(calls: Sequence[Call], *, file_id: str, message_id: str) -> list[Verdict]:
    """Judge both answers: the file's by blob and row, the dossier's by row. Raises GatewayFailed if one is not seen."""
    of_file, of_dossier = answer_of(calls, file_id), answer_of(calls, message_id)
    if of_file is None or of_dossier is None:
        message = "the trace shows no answer to the file or to the dossier"
        raise GatewayFailed(message)
    return [
        *judge_blob(calls, marker=CONTENT, answer=of_file),
        judge_log(calls, marker=file_id, answer=of_file),
        judge_log(calls, marker=CODE, answer=of_dossier),
    ]


def report(title: str, verdicts: Sequence[Verdict]) -> None:
    """Print one line per verdict."""
    for verdict in verdicts:
        print(f"durability: {title}: {'ok' if verdict.holds else 'NOT DURABLE'}: {verdict.what}: {verdict.why}")


def main() -> int:
    """Run both observations; 0 if the first holds and the second is caught."""
    WORK.mkdir(exist_ok=True)
    try:
        strace = find_strace(WORK / "strace")
        safe, unsafe = observe(strace), observe(strace, "store.synchronous=OFF")
    except (StraceUnavailable, GatewayFailed) as error:
        print(f"durability: {error}", file=sys.stderr)
        return 1
    report("as shipped", safe)
    report("synchronous=OFF", unsafe)
    held, caught = all(verdict.holds for verdict in safe), not all(verdict.holds for verdict in unsafe)
    print(f"durability: held={'yes' if held else 'no'} off_noticed={'yes' if caught else 'no'}")
    return 0 if held and caught else 1


if __name__ == "__main__":
    sys.exit(main())
