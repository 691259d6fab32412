"""Runs the code of an earlier version on today's schema: ``python -m tools.older COMMIT``.

Its own contract of the stores, on both databases, each made by today's steps first (docs/adr/0034). Exit status 1 where
it does not hold; a driver whose schema is the same is skipped. The earliest that can be asked is 6750f86.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.older_contract import NEWER

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Lay the earlier version out, and run the contract with its code."""
    (commit,) = sys.argv[1:]
    git = ["git", "archive", "--format=zip", commit]
    archive = subprocess.run(git, cwd=ROOT, check=True, capture_output=True).stdout
    with TemporaryDirectory(prefix="gateway-older-") as folder:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(folder)
        test = Path(folder) / "tests" / "conformance" / "test_older.py"
        shutil.copy(ROOT / "tools" / "older_contract.py", test)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "2", test],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder, NEWER: str(ROOT)},
            check=False,
        )
    sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
