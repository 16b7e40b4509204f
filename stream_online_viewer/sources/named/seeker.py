"""Runs a lookup in a thread, because the servers that are asked may be slow."""

from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.sources.errand import Errand
from stream_online_viewer.sources.named.found import Found, Lookup, LookupFailed


class Seeker(Errand[Found | LookupFailed]):
    """Looks up one name on request. ``fileno()`` becomes readable for news of what is being done, too."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.doing: str | None = None
        """What the lookup under way has said that it is doing, one sentence."""
        super().__init__("source lookup", self._find)

    def start(self) -> None:
        """Start a lookup unless one is under way."""
        if not self.busy:
            self.doing = None
        super().start()

    def _find(self) -> Found | LookupFailed:
        try:
            return self._lookup.find(self._tell)
        except LookupFailed as problem:
            return problem.with_traceback(None)
        except Exception as error:
            # A fault of this program must not end the thread, without which nothing would be looked up any more.
            text = f"The answer of {self._lookup.where} could not be used: {problem_of(error).detail}."
            return LookupFailed("unusable", "unresolvable", text)

    def _tell(self, text: str) -> None:
        self.doing = text
        self.signal()
