"""The local judge, trained: what it learns from, how, and how much better it gets."""
