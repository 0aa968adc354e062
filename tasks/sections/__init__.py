"""Sections: parts that a list is divided into, one below the other, or side by side as a board's columns."""
