"""What ingest process and web process tell each other, and the ways on which they do."""
