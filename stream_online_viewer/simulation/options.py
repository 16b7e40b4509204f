"""The choices for a simulated stream, for the command line. Imported before any other package."""

SCENES = ("beam", "camera", "pipeline", "merged")
PROTOCOLS = ("bsread", "array-1.0")
MODES = ("push", "pub")
COMPRESSIONS = ("none", "lz4", "bitshuffle_lz4")
TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
