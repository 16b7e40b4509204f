"""Messages of the live socket and of the link between ingest and web process.

Pure bytes <-> types, no input or output.
"""
