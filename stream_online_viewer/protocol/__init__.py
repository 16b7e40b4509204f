"""The messages of the live socket, and what web process and ingest process need of them.

Pure: bytes and typed values in, bytes and typed values out.
"""
