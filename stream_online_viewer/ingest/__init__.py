"""The ingest process: receives the stream, keeps the newest pulse, and encodes what web processes request."""
