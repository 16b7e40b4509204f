"""The native codecs, which no other package calls. Pure: bytes and arrays in, bytes and arrays out."""
