"""A source of the tests, which is copied into a copy of the package."""
