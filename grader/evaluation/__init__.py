"""How good a rubric and its grades are."""
