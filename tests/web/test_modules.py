import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.mark.skipif(not shutil.which("node"), reason="node is not there; nothing else needs it")
def test_modules():
    """The page's pure modules, tested in their own language."""
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    assert files
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
