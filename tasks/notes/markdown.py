"""Notes as Markdown. The server parses them; a client gets a tree of known kinds, never markup.

CommonMark with tables, ~~struck~~ text, addresses as links, and `- [ ]` as a check box.
"""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

CHECK_BOX = re.compile(r"\[([ xX])\](?= |$) ?")

MOST_STEPS = 20_000
"""Steps in looking for the ends of links, in one note; without a bound they grow with the square of its length."""

MOST_ADDED_CELLS = 1_000
"""What the parser adds to a table's rows that are shorter than its head, before it ends the table."""

LONGEST_ADDRESS = 2_000
"""Characters without a space in which addresses are looked for, since that takes the square of their number. In a note
with a longer word, addresses alone are no links.
"""


class TooMuchWork(Exception):
    """The note would take seconds to parse."""


class BoundedInline(ParserInline):
    def skipToken(self, state: StateInline) -> None:  # noqa: N802 -- the library's name
        state.env["steps"] = state.env.get("steps", 0) + 1
        if state.env["steps"] > MOST_STEPS:
            raise TooMuchWork
        super().skipToken(state)


class Parser(MarkdownIt):
    def __init__(self, *, linkify: bool) -> None:
        super().__init__("js-default")
        self.inline = BoundedInline()
        self.configure("js-default", {"html": False, "linkify": linkify})
        self.enable("linkify")


tables: Any = import_module("markdown_it.rules_block.table")
tables.MAX_AUTOCOMPLETED_CELLS = MOST_ADDED_CELLS

parser, without_addresses = Parser(linkify=True), Parser(linkify=False)

Node = dict[str, Any] | str
"""A text, or {"tag", "children", ...}: `href` of a link, `start` of an ordered list, `text` of code, `checked` and
`line` (of the notes, from 0) of a list's item with a check box.
"""


def tree_of(text: str) -> list[Node]:
    """The notes as a tree; as plain lines if that takes too much work."""
    has_long_words = any(len(word) > LONGEST_ADDRESS for word in text.split())
    try:
        return children_of(SyntaxTreeNode((without_addresses if has_long_words else parser).parse(text)))
    except TooMuchWork:
        return [{"tag": "pre", "text": text}]


def children_of(node: SyntaxTreeNode) -> list[Node]:
    return [found for child in node.children for found in nodes_of(child)]


def nodes_of(node: SyntaxTreeNode) -> list[Node]:
    """What one node of the parser becomes; several for one that only groups others."""
    if node.type == "inline" or (node.type == "paragraph" and node.hidden):
        return children_of(node)
    if node.type == "text":
        return [node.content] if node.content else []
    if make := MAKERS.get(node.type):
        return [make(node)]
    return [element(node)] if node.tag else [node.content]


def link(href: str, children: list[Node]) -> Node:
    """Images are links, too: the page loads nothing from elsewhere."""
    return {"tag": "a", "href": href, "children": children}


def element(node: SyntaxTreeNode) -> dict[str, Any]:
    start = node.attrs.get("start")
    return {"tag": node.tag, "children": children_of(node), **({"start": start} if start is not None else {})}


def item(node: SyntaxTreeNode) -> Node:
    text = first_text(node)
    box = CHECK_BOX.match(text.content) if text is not None else None
    if box and text is not None and node.map:
        assert text.token is not None  # noqa: S101 -- a text is made of a token
        text.token.content = text.content[box.end() :]
        return {**element(node), "checked": box[1] != " ", "line": node.map[0]}
    return element(node)


def first_text(node: SyntaxTreeNode) -> SyntaxTreeNode | None:
    """The text that an item of a list begins with."""
    for kind in ("paragraph", "inline", "text"):
        if not node.children or node.children[0].type != kind:
            return None
        node = node.children[0]
    return node


MAKERS: dict[str, Callable[[SyntaxTreeNode], Node]] = {
    "softbreak": lambda node: {"tag": "br"},
    "hardbreak": lambda node: {"tag": "br"},
    "code_inline": lambda node: {"tag": "code", "text": node.content},
    "fence": lambda node: {"tag": "pre", "text": node.content},
    "code_block": lambda node: {"tag": "pre", "text": node.content},
    "image": lambda node: link(str(node.attrs.get("src", "")), [node.content or "Image"]),
    "link": lambda node: link(str(node.attrs.get("href", "")), children_of(node)),
    "list_item": item,
}
"""By the parser's type of a node; for the others its tag says enough."""
