"""The native codecs: the only package that calls them. Pure: bytes and arrays in, bytes and arrays out."""
