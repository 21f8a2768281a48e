"""The page at `/`, for people: it asks the same functions that answer the API."""
