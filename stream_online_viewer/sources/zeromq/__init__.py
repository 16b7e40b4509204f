"""Streams received over a ZeroMQ socket, independent of the format of their messages."""
