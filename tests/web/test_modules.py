import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from tasks.search.terms import index_terms

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not there; nothing else needs it")

COMPARE = """
import { readFileSync } from "node:fs";
const { fold, termsOf } = await import(process.argv[1]);
for (const [text, terms] of JSON.parse(readFileSync(0, "utf8"))) {
  const here = [...new Set(termsOf(text).split(" "))].join(" ").trim();
  if (here !== fold(terms)) console.log(text, here, terms); // folded: the page has the small letters of Cherokee
}
"""


def test_modules():
    """The page's pure modules, tested in their own language."""
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    assert files
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_terms_of_every_character():
    """The page makes those of the server. Letters that nothing is folded to, Chinese ones above all, are left out."""
    characters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}]
    some = [one for one in characters if unicodedata.category(one) != "Lo" or unicodedata.decomposition(one)]
    cases = json.dumps([[f"{one}x{one}", index_terms(f"{one}x{one}")] for one in some])
    terms = Path("tasks/static/tasks/core/terms.js").resolve().as_uri()
    command = ["node", "--input-type=module", "--eval", COMPARE, terms]
    done = subprocess.run(command, input=cases, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("", "")
