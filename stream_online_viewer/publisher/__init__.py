"""The ingest half of a viewer on several hosts: it owns an ingest process and publishes what that makes."""
