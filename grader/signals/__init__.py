"""The witnesses: pure functions from a prepared question and an encoded answer to numbers with evidence."""
