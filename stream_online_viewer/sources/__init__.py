"""Where pulses come from: what a source is, the table of all of them, and a folder for each."""
