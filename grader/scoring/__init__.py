"""Witnesses to verdict: probabilities, score, confidence, review, feedback. Pure functions on values."""
