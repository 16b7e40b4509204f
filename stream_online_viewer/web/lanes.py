"""The image lanes by form and by number. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator

from stream_online_viewer.protocol.form import FILES, Form
from stream_online_viewer.web.interest import Interest
from stream_online_viewer.web.lane import Lane
from stream_online_viewer.web.plan import is_own
from stream_online_viewer.web.viewer import Viewer


class Lanes:
    """One lane for each form that somebody is sent; a number is never used again."""

    def __init__(self, interest: Interest) -> None:
        self._interest = interest
        self._by_form: dict[Form, Lane] = {}
        self._by_number: dict[int, Lane] = {}
        self._own: dict[Form, None] = {}
        self._wishes: dict[tuple[str | None, int], Counter[str | None]] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._by_form.values())

    def own_forms(self) -> Collection[Form]:
        """Return the forms that somebody is sent now and that are made for one viewer, or few (:func:`plan.is_own`)."""
        return self._own.keys()

    def wishes(self, channel: str | None, slice_: int) -> Collection[str | None]:
        """Return the wishes of colour with which an image is sent to viewers now."""
        return self._wishes.get((channel, slice_), Counter()).keys()

    def numbered(self, number: int) -> Lane | None:
        """Return a lane by its number, None if nobody is in it any more."""
        return self._by_number.get(number)

    def enter(self, viewer: Viewer, form: Form, before: Form | None = None) -> None:
        """Put a viewer, who is in no lane now and was in that of the form ``before``, into the one of a form."""
        lane = self._by_form.get(form)
        if lane is None:
            lane = self._by_form[form] = Lane(self._next, form)
            self._by_number[lane.number] = lane
            self._next += 1
            if is_own(form):
                self._own[form] = None
            if form.name not in FILES:
                self._wishes.setdefault((form.channel, form.slice), Counter())[form.colour] += 1
            self._interest.begin(lane)
        viewer.enter(lane, before)

    def leave(self, viewer: Viewer) -> None:
        """Take a viewer out of its lane, which ends with its last viewer."""
        lane = viewer.leave()
        if lane is not None and not lane.viewers:
            lane.cancel_timer()
            del self._by_form[lane.form]
            del self._by_number[lane.number]
            self._own.pop(lane.form, None)
            self._forget_wish(lane.form)
            self._interest.end(lane)

    def _forget_wish(self, form: Form) -> None:
        if form.name in FILES:
            return
        wishes = self._wishes[form.channel, form.slice]
        wishes[form.colour] -= 1
        if not wishes[form.colour]:
            del wishes[form.colour]
        if not wishes:
            del self._wishes[form.channel, form.slice]
