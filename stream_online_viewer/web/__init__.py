"""The web process: pages, status and the live socket of every viewer, and the supervision of the ingest process."""
