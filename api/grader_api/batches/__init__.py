"""Batches in the service: a table comes in, its rows are graded while nothing else is to do, a table goes out."""
