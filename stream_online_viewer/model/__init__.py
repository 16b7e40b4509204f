"""Channels, pulses and their problems, independent of the protocol of the source. Pure."""
