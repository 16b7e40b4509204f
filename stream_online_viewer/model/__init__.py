"""What a source brings, whatever its protocol: channels, pulses, and what is wrong with them. Pure, and typed."""
