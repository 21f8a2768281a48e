"""Grades free-text answers by what they claim."""

__version__ = "0.1.0"
