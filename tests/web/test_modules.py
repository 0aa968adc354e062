import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from tasks.search.terms import index_terms
from tests.tasks.rule_words import WORDS

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not there; nothing else needs it")

COMPARE = """
import { readFileSync } from "node:fs";
const { fold, termsOf } = await import(process.argv[1]);
for (const [text, terms] of JSON.parse(readFileSync(0, "utf8"))) {
  const here = [...new Set(termsOf(text).split(" "))].join(" ").trim();
  if (here !== fold(terms)) console.log(text, here, terms); // folded: the page has the small letters of Cherokee
}
"""


SAY = """
import { readFileSync } from "node:fs";
const { ruleText } = await import(process.argv[1]);
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(ruleText)));
"""


def test_rules_in_words():
    """The page calls each rule what the server calls it; one that it can't read stays as it is."""
    odd = "FREQ=MONTHLY;BYDAY=MO,TU;BYMONTHDAY=1,2;BYSETPOS=2"
    words = Path("tasks/static/tasks/features/items/rule-text.js").resolve().as_uri()
    command = ["node", "--input-type=module", "--eval", SAY, words]
    rules = json.dumps([*WORDS, odd, "anything"])
    done = subprocess.run(command, input=rules, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [*(english for english, _ in WORDS.values()), odd, "anything"]


def test_modules():
    """The page's pure modules, tested in their own language."""
    files = sorted(Path(__file__).parent.glob("*.test.mjs"))
    assert files
    together = "\n".join(f"import {json.dumps(path.as_uri())};" for path in files)  # `node --test` begins one for each
    command = ["node", "--input-type=module", "--eval", together]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
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
