"""A language model as judge: what it is asked, what it may answer, and what that costs."""
