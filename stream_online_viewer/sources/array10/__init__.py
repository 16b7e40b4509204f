"""Messages of the format array-1.0: one array each, as detectors send them for live views. Pure."""
