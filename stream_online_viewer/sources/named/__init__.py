"""Streams that are opened by name: a server is asked where they are, and again when they are gone."""
