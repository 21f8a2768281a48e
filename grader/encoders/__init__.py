"""Text to vectors: the only room, with training, that knows torch."""
