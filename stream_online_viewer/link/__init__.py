"""The messages between ingest process and web process, and the ways in which they are carried."""
