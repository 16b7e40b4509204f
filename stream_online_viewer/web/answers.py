"""Limits the bytes of answers that clients have not taken yet, for each address and in all. Pure."""

from collections import Counter
from collections.abc import Callable

MOST_BYTES = 512 * 2**20
MOST_BYTES_EACH = 128 * 2**20


class AnswerBytes:
    """Counts the bodies of pending answers, each once, however many clients it is sent to."""

    def __init__(self, most: int = MOST_BYTES, most_each: int = MOST_BYTES_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._holders: Counter[int] = Counter()
        self._own: dict[str, Counter[int]] = {}
        self._own_bytes: Counter[str] = Counter()
        self.bytes = 0

    def take(self, address: str, body: object, size: int, exempt: bool = False) -> Callable[[], None] | None:
        """Count an answer; return the function to call when it was taken, or None if there is no room for it.

        ``body`` is an object that the answer keeps alive. An answer is always accepted if there is no other.
        """
        key = id(body)
        own = self._own.get(address, Counter())
        is_new, is_own_new = not self._holders[key], not own[key]
        if is_new and self.bytes and self.bytes + size > self._most:
            return None
        if not exempt and is_own_new and self._own_bytes[address] and self._own_bytes[address] + size > self._most_each:
            return None
        if is_new:
            self.bytes += size
        if is_own_new:
            self._own_bytes[address] += size
        self._holders[key] += 1
        own[key] += 1
        self._own[address] = own

        def taken() -> None:
            self._taken(address, body, size)

        return taken

    def _taken(self, address: str, body: object, size: int) -> None:
        key = id(body)
        self._holders[key] -= 1
        if not self._holders[key]:
            del self._holders[key]
            self.bytes -= size
        own = self._own[address]
        own[key] -= 1
        if not own[key]:
            del own[key]
            self._own_bytes[address] -= size
            if not own:
                del self._own[address], self._own_bytes[address]
