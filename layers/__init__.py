"""A city's data: reading, checking, publishing, assigning."""
