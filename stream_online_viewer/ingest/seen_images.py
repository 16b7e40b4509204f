"""The channels that could be shown as image, for the reports."""

from stream_online_viewer.ingest.channels import image_shape
from stream_online_viewer.link.report import SourceImage
from stream_online_viewer.model.pulse import Pulse

FORGET_SECONDS = 10.0
MOST = 64


class SeenImages:
    """The image channels of the last seconds, those that were seen last if there are many."""

    def __init__(self) -> None:
        self._images: dict[str, tuple[float, SourceImage]] = {}
        self._layout, self._at = -1, 0.0

    def note(self, pulse: Pulse, shown: str | None, now: float) -> None:
        """Note the channels of a pulse, unless its layout was just seen. ``shown``: the channel shown by default.

        A curve counts only if it is that one.
        """
        layout = pulse.layout
        if layout.serial == self._layout and now - self._at < 1.0:
            return
        self._layout, self._at = layout.serial, now
        for index, channel in enumerate(layout.channels):
            shape = image_shape(channel)
            if shape is None or (shape.kind == "curve" and channel.name != shown):
                continue
            nbytes = len(pulse.payloads[index])
            if nbytes == 0:
                # The channel has no value in this pulse; its last size is the best estimate.
                known = self._images.get(channel.name)
                nbytes = known[1].nbytes if known else channel.nbytes or 0
            image = SourceImage(channel.name, channel.dtype, tuple(channel.shape), channel.pixel_format, nbytes)
            self._images[channel.name] = (now, image)
        if len(self._images) > MOST:
            for name in sorted(self._images, key=lambda name: self._images[name][0])[:-MOST]:
                del self._images[name]

    def report(self, now: float) -> tuple[SourceImage, ...]:
        """Return the images, by name, and forget those that have not come for long."""
        for name in [name for name, (seen, _) in self._images.items() if now - seen > FORGET_SECONDS]:
            del self._images[name]
        return tuple(image for _, (_, image) in sorted(self._images.items()))
