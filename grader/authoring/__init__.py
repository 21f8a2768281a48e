"""Rubrics and topics drafted for a person to correct."""
