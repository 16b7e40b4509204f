"""Streams over a ZeroMQ socket of the source, whatever the format of their messages."""
