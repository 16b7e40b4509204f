"""The stream: its socket, the probe that asks the source what it is, and the strict parsing of bsread messages."""
