"""Colours that people choose for lists and labels."""

from django.core.validators import RegexValidator

DEFAULT_COLOR = "#4f6bed"

validate_color = RegexValidator(r"\A#[0-9a-f]{6}\Z", "A colour is written #rrggbb, in lower case.")
