"""Notes as Markdown. The server parses them; a client gets a tree of known kinds, never markup.

CommonMark with tables, ~~struck~~ text, addresses as links, and `- [ ]` as a check box.
"""

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

CHECK_BOX = re.compile(r"\[([ xX])\](?= |$) ?")

parser = MarkdownIt("js-default", {"html": False, "linkify": True}).enable("linkify")

Node = dict[str, Any] | str
"""A text, or {"tag", "children", ...}: `href` of a link, `start` of an ordered list, `text` of code, `checked` and
`line` (of the notes, from 0) of a list's item with a check box.
"""


def tree_of(text: str) -> list[Node]:
    """The notes as a tree."""
    return children_of(SyntaxTreeNode(parser.parse(text)))


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
