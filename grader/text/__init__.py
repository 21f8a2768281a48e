"""An answer as sentences, clauses and words, each with its place in what the candidate wrote."""
