"""The link between one ingest process and web servers on many hosts, over a NATS server (the *bus*)."""
