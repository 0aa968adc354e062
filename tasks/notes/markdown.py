"""Notes as Markdown. The server parses them; a client gets a tree of known kinds, never markup.

CommonMark with tables, ~~struck~~ text, addresses as links, and `- [ ]` as a check box.
"""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, linkify
from markdown_it.token import Token

CHECK_BOX = re.compile(r"\[([ xX])\](?= |$) ?")

MOST_WORK = 160_000
"""In one note, in tenths of what it takes to make one token: some 0.1 seconds of a core. A list of 2,600 lines needs as
much. Without a bound some texts need the square of their length."""

TOKEN, LOOK = 10, 1
"""What is counted for each token that is made, or skipped in looking for the end of a link; and for looking whether a
line begins something else."""

SCANNED = 5
"""Characters that are searched through for as much as one look."""

ADDRESS = re.compile(r"\b(?:https?|ftp)$", re.IGNORECASE)
"""What can stand before a "://"."""

MOST_NESTED = 50
"""Tokens that are open at once. The parser leaves out what is deeper than a hundred."""

MOST_ADDED_CELLS = 1_000
"""What the parser adds to a table's rows that are shorter than its head, before it ends the table."""

LONGEST_ADDRESS = 2_000
"""Characters without a space in which addresses are looked for, since that takes the square of their number. In a note
with a longer word, addresses alone are no links.
"""

PLAIN = "This note can't be shown with its formatting; this is its text."


class TooMuchWork(Exception):
    """The note would take seconds to parse."""


def spend(state: StateBlock | StateInline, work: int) -> None:
    """Raises TooMuchWork."""
    state.env["work"] = state.env.get("work", 0) + work
    if state.env["work"] > MOST_WORK or state.level > MOST_NESTED:
        raise TooMuchWork


class CountingBlocks(StateBlock):
    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        spend(self, TOKEN)
        return super().push(ttype, tag, nesting)


class CountingInline(StateInline):
    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        spend(self, TOKEN)
        return super().push(ttype, tag, nesting)


class BoundedBlocks(ParserBlock):
    def __init__(self) -> None:
        super().__init__()
        for rule in self.ruler.__rules__:
            rule.fn = counting_looks(rule.fn)

    def parse(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> list[Token]:  # noqa: N803
        state = CountingBlocks(src, md, env, outTokens)
        self.tokenize(state, state.line, state.lineMax)
        return state.tokens


def counting_looks(rule: RuleFuncBlockType) -> RuleFuncBlockType:
    def counted(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if silent:
            spend(state, LOOK)
        return rule(state, start, end, silent)

    return counted


class BoundedInline(ParserInline):
    def __init__(self) -> None:
        super().__init__()
        self.ruler.at("linkify", find_address)

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = CountingInline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 -- the library's name
        spend(state, TOKEN)
        super().skipToken(state)


def find_address(state: StateInline, silent: bool) -> bool:
    """The library's rule, which searches all text before a "://" for the scheme."""
    if not state.src.startswith("://", state.pos) or not ADDRESS.search(state.pending[-6:]):
        return False
    spend(state, len(state.pending) // SCANNED)
    return linkify(state, silent)


class Parser(MarkdownIt):
    def __init__(self, *, linkify: bool) -> None:
        super().__init__("js-default")
        self.block, self.inline = BoundedBlocks(), BoundedInline()
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
    """The notes as a tree; as they were written, behind a sentence, if that takes too much work or the parser fails."""
    has_long_words = any(len(word) > LONGEST_ADDRESS for word in text.split())
    try:
        return nodes_of((without_addresses if has_long_words else parser).parse(text))
    except (TooMuchWork, RuntimeError):  # the second is what the parser says of a rule that goes nowhere
        return [{"tag": "p", "children": [{"tag": "em", "children": [PLAIN]}]}, {"tag": "pre", "text": text}]


def nodes_of(tokens: Sequence[Token]) -> list[Node]:
    """What the parser's tokens, of which some open and close others, become."""
    found: list[Node] = []
    open_ones = [found]
    for place, token in enumerate(tokens):
        here = open_ones[-1]
        if token.nesting < 0:
            open_ones.pop()
        elif token.nesting > 0:
            inside: list[Node] = here  # of a paragraph in a list without empty lines
            if not token.hidden:
                inside = []
                here.append(opened(token, inside, tokens[place + 1 : place + 3]))
            open_ones.append(inside)
        elif token.type == "inline":
            here += nodes_of(token.children or [])
        elif make := LEAVES.get(token.type):
            here.append(make(token))
        elif token.tag:
            here.append({"tag": token.tag, "children": []})
        elif token.content:
            here.append(token.content)
    return found


def opened(token: Token, children: list[Node], following: Sequence[Token]) -> Node:
    """The node that a token opens, with what will be inside it."""
    attributes: dict[str, Any] = {}
    if token.type == "link_open":
        attributes = {"href": str(token.attrs.get("href", ""))}
    elif token.type == "list_item_open":
        attributes = check_box(token, following)
    elif (start := token.attrs.get("start")) is not None:
        attributes = {"start": start}
    return {"tag": token.tag, "children": children, **attributes}


def check_box(item: Token, following: Sequence[Token]) -> dict[str, Any]:
    """Of an item whose text begins with one. It is taken out of the text."""
    if [token.type for token in following] != ["paragraph_open", "inline"] or not item.map:
        return {}
    first = next(iter(following[1].children or []), None)
    box = CHECK_BOX.match(first.content) if first and first.type == "text" else None
    if first is None or box is None:
        return {}
    first.content = first.content[box.end() :]
    return {"checked": box[1] != " ", "line": item.map[0]}


def image(token: Token) -> Node:
    """A link: the page loads nothing from elsewhere."""
    return {"tag": "a", "href": str(token.attrs.get("src", "")), "children": [token.content or "Image"]}


LEAVES: dict[str, Callable[[Token], Node]] = {
    "softbreak": lambda token: {"tag": "br"},
    "hardbreak": lambda token: {"tag": "br"},
    "code_inline": lambda token: {"tag": "code", "text": token.content},
    "fence": lambda token: {"tag": "pre", "text": token.content},
    "code_block": lambda token: {"tag": "pre", "text": token.content},
    "image": image,
}
"""By the parser's type of a token that has nothing inside; for the others its tag says enough."""
