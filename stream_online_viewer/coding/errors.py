"""What the codecs raise."""

from stream_online_viewer.errors import ViewerError


class CodecError(ViewerError):
    """Data that cannot be decoded. The text says what is wrong with them."""
