"""The ingest process: receives the stream, keeps the newest, and encodes for the web process only what is wanted."""
