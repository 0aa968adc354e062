"""Text on one line: titles and names, which people recognise an object by, and numbers."""

import unicodedata

from django.core.exceptions import ValidationError

FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, halves of surrogate pairs, separators of lines and paragraphs."""

BIDI_CONTROLS = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Embeddings, overrides and isolates: they change the order of the text that follows. The plain marks of direction,
which some scripts need, are not among them."""

INVISIBLE_CATEGORIES = {"Cf", "Mn", "Me", "Zs"}
BLANK_LETTERS = set("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille pattern: letters and a symbol by category, blank on the screen."""


def validate_line(text: str) -> None:
    """Raises ValidationError for control characters and for text without a visible character; empty text passes."""
    if any(unicodedata.category(letter) in FORBIDDEN_CATEGORIES for letter in text):
        raise ValidationError("Must not contain control characters or line breaks.", "control_characters")
    if found := BIDI_CONTROLS.intersection(text):
        names = ", ".join(sorted(unicodedata.name(letter).capitalize() for letter in found))
        raise ValidationError(f"Must not contain marks that change the order of the text after them: {names}.", "bidi")
    if text and not any(_is_visible(letter) for letter in text):
        raise ValidationError("Must contain a visible character.", "invisible")


def number_in(text: str, *, most: int) -> int | None:
    """The number from 1 to `most` that the text is, in ASCII digits; None for any other text."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return number if 0 < number <= most else None


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter) not in INVISIBLE_CATEGORIES and letter not in BLANK_LETTERS
