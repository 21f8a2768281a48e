"""The REST service: answers in, grades out, kept."""
