"""Notes as Markdown: a tree of known kinds, never markup, whatever was written."""

import time

import pytest
from rest_framework.test import APIClient

from tasks.notes import views
from tasks.notes.markdown import PLAIN, tree_of


def paragraph(*children):
    return [{"tag": "p", "children": list(children)}]


def a(href, text):
    return {"tag": "a", "href": href, "children": [text]}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", []),
        ("Two\nlines", paragraph("Two", {"tag": "br"}, "lines")),
        ("# *Big*", [{"tag": "h1", "children": [{"tag": "em", "children": ["Big"]}]}]),
        ("**a** `c`", paragraph({"tag": "strong", "children": ["a"]}, " ", {"tag": "code", "text": "c"})),
        ("https://a.example/x", paragraph(a("https://a.example/x", "https://a.example/x"))),
        ("![cat](https://a.example/c.png)", paragraph(a("https://a.example/c.png", "cat"))),
        ("[x](javascript:alert(1))", paragraph("[x](javascript:alert(1))")),
        ("<b onclick=x>hi</b>", paragraph("<b onclick=x>hi</b>")),
        ("```js\n<i>\n```", [{"tag": "pre", "text": "<i>\n"}]),
        ("~~b~~", paragraph({"tag": "s", "children": ["b"]})),
        ("3. x", [{"tag": "ol", "children": [{"tag": "li", "children": ["x"]}], "start": 3}]),
    ],
)  # fmt: skip
def test_what_is_written_becomes_a_tree(text, tree):
    assert tree_of(text) == tree


def test_a_check_box_names_its_line():
    text = "Buy:\n\n- [ ] milk\n- [x] bread\n  - [X] rye\n- [y] no box\n- [ ]glued"
    [_, box_list] = tree_of(text)
    assert isinstance(box_list, dict)
    milk, bread, other, glued = box_list["children"]
    assert milk == {"tag": "li", "children": ["milk"], "checked": False, "line": 2}
    assert (bread["checked"], bread["line"], bread["children"][0]) == (True, 3, "bread")
    assert bread["children"][1]["children"] == [{"tag": "li", "children": ["rye"], "checked": True, "line": 4}]
    assert "checked" not in other
    assert "checked" not in glued


def is_plain(text):
    return tree_of(text) == [
        {"tag": "p", "children": [{"tag": "em", "children": [PLAIN]}]},
        {"tag": "pre", "text": text},
    ]


PARTS = (
    "![](", '[a](b "', "[a]:", "[a]: b\n", "*_", "**a ", "~~a", "``a`", "- a\n", "> - ", "|a|b|\n|-|-|\n", "||\n",
    "<!--", "&#", "a:// ", "http:// ", "//a.b ", "a@b.c ", "a.com/(", "\\\n-\n",
)  # fmt: skip
"""Of texts for which a parser of Markdown may take the square of their length."""


def test_no_text_takes_long():
    """The bound is against hanging; the work that is counted takes a tenth of a second."""
    cells = "|a" * 1_600 + "\n" + "|-" * 1_600 + "\n" + "|\n" * 6_000
    links = ("[" * 20_000, "![" * 10_000, "[[a]" * 5_000, "[" * 5_000 + "*" * 15_000)
    deep = "> " * 60 + "a\n===\n" * 3_000
    assert all(is_plain(text) for text in (*links, deep, "> " * 60 + "deep", "http:// " * 2_500))
    addresses = ("https://a.b/(" * 1_500, "a]" * 5_000 + ".=www." * 1_600)
    repeated = [part * (20_000 // len(part)) for part in PARTS]
    for text in (*links, *addresses, cells, deep, *repeated):
        start = time.thread_time()
        tree_of(text[:20_000])
        assert time.thread_time() - start < 5, text[:10]


def test_where_the_parser_fails():
    assert is_plain("*a" * 60_000)
    assert tree_of("ww.a.[//a.x://") == paragraph("ww.a.[", a("//a.x", "//a.x"), "://")


def test_a_long_note_is_no_less_rich():
    line = "- [ ] **Ask** [somebody](https://a.example/x) about `it`, see https://a.example/y or ![this](b)\n"
    assert "pre" not in str(tree_of(line * 200))
    assert "pre" not in str(tree_of(line.removeprefix("- [ ] ") * 200))
    table = "| a | b | c |\n|---|---|---|\n" + "| 1 | [x](y) | z |\n" * 900
    assert str(tree_of(table)).count("'tag': 'tr'") == 1 + 900


@pytest.mark.django_db
def test_the_address(alice):
    client = APIClient()
    assert client.post("/api/notes", {"text": "x"}, format="json").status_code in (401, 403)
    client.force_login(alice)
    answer = client.post("/api/notes", {"text": "*x*"}, format="json")
    assert answer.json() == {"tree": [{"tag": "p", "children": [{"tag": "em", "children": ["x"]}]}]}
    assert client.post("/api/notes", {"text": "x" * 20_001}, format="json").status_code == 400


@pytest.mark.django_db
def test_two_are_parsed_at_once(alice, monkeypatch):
    """Who comes when as many wait as may is answered at once."""
    monkeypatch.setattr(views, "slots", views.NotesSlots(0, most_waiting=0, longest_wait=600))
    client = APIClient()
    client.force_login(alice)
    answer = client.post("/api/notes", {"text": "*x*"}, format="json")
    assert (answer.status_code, answer.json()["detail"]) == (503, views.NotesBusy.default_detail)
    assert "Retry-After" in answer.headers
