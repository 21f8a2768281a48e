"""Learning from marks: the combination, calibrations and the judge."""
