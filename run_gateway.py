#!/usr/bin/env python3
"""Start the gateway's command line in the project's own environment, from any directory."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
MISSING = """\
The package {name!r} is not installed. In {root}, run: make setup
Chưa cài gói {name!r}. Trong thư mục {root}, hãy chạy: make setup
"""
BARRED = """\
This user cannot run {python}. In {root}, make it of a Python that everybody may run:
Người dùng này không chạy được {python}. Trong thư mục {root}, hãy tạo lại bằng Python mà ai cũng chạy được:
  rm -r .venv && make PYTHON=/usr/bin/python3 setup
"""


def enter_venv() -> None:
    """Replace this process by the same command under ``.venv``, if that exists and is not running already."""
    python = VENV / "bin" / "python"
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not inside and (VENV / "pyvenv.cfg").is_file() and os.access(python, os.X_OK):
        os.execv(python, [str(python), str(ROOT / "run_gateway.py"), *sys.argv[1:]])  # noqa: S606 -- no shell is wanted


def run() -> None:
    """Hand over to the command line; exit with status 2 if a package is missing."""
    try:
        from gateway.cli import main  # noqa: PLC0415 -- third-party packages may be missing until `make setup`
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in {"gateway", "adapters"}:
            raise
        python = VENV / "bin" / "python"
        barred = VENV.is_dir() and not os.access(python, os.X_OK)  # another user's, or gone: make would find it there
        sys.stderr.write((BARRED if barred else MISSING).format(name=package, root=ROOT, python=python))
        sys.exit(2)
    main()


if __name__ == "__main__":
    enter_venv()
    run()
