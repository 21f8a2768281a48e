"""The questions and answers that stand in a document: lines in, numbered pairs out."""
