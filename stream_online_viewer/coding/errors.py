"""The exception of the codecs."""

from stream_online_viewer.errors import ViewerError


class CodecError(ViewerError):
    """Data that cannot be decoded. The text says why."""
