"""What a program needs and does not find here: it says so in one line and ends with exit code 2."""

import sys
from collections.abc import Callable

from tests.browsers import NoBrowser

EXIT_CODE = 2


class Missing(RuntimeError):
    """Something that a measurement cannot do without is not here; the text says what it is and how to get it."""


def unless_missing(main: Callable[[], int]) -> int:
    """Run a program and return its exit code: 2, after a line on stderr, if something is missing."""
    try:
        return main()
    except (Missing, NoBrowser) as error:
        print(f"not run: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        return EXIT_CODE
