"""The sources of pulses: the interface, the table of all sources, and a folder for each."""
