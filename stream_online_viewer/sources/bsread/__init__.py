"""Messages of bsread, the beam-synchronous protocol of SwissFEL, format 1.1. Pure."""
