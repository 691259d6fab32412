"""What the demo starts ends with it, however it is told to end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.demo.processes import Stage, staged

ROOT = Path(__file__).resolve().parents[3]


def told(stage: Stage, ending: signal.Signals) -> None:
    """Start a process, and be told to end."""
    with staged(stage):
        stage.running["gateway"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        os.kill(os.getpid(), ending)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_no_process_outlives_the_demo(tmp_path: Path, ending: signal.Signals):
    """A closed terminal, or a service manager, ends it as Ctrl-C does."""
    stage = Stage(root=ROOT, data=tmp_path, count=1, per_second=1, seed=1)
    before = signal.getsignal(ending)
    with pytest.raises(KeyboardInterrupt):
        told(stage, ending)
    assert stage.running["gateway"].poll() == -signal.SIGTERM
    assert signal.getsignal(ending) == before
