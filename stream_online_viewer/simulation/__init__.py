"""The camera simulator: its scenes beside the facility's beam picture, and the timing of sends."""
