"""Messages of the format array-1.0: one array in each, as detectors' live streams send them. Pure."""
