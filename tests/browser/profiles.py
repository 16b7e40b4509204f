"""Profiles of Chromium that tests lend each other, because a page that is warm costs a third.

A profile that is lent again is as a fresh one: its page is empty, nothing is stored, window and mouse are where they
were, and the only thing left is the cache of files that never change. What cannot be undone (a script for all pages, a
handler, a failed test) ends the profile instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize

from tests.browser.fonts import use_known_font
from tests.support import deadline

KEPT = 3
"""How many profiles wait at most: each has processes of its own."""
LASTING = {
    "context": ("add_cookies", "add_init_script", "expose_binding", "expose_function", "grant_permissions"),
    "both": ("on", "once", "route", "route_web_socket", "set_default_timeout", "set_extra_http_headers", "set_offline"),
    "page": ("add_init_script", "add_locator_handler", "expose_binding", "expose_function"),
}
"""Methods of Playwright whose effect outlasts a load of the page."""
OUTSIDE = (-10, -10)
"""Where the mouse waits: over no page."""
BLANK = "about:blank"
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


@dataclass(frozen=True)
class Used:
    """A viewer that stays open for the next test of its module."""

    module: str
    url: str
    look: str
    """How it looked when it was loaded."""


@dataclass(frozen=True)
class Kind:
    """What a profile is like: the size of its window in CSS pixels, and what kind of device it is on."""

    width: int = 1280
    height: int = 720
    ratio: float = 1.0
    """Pixels of the device to a CSS pixel."""
    phone: bool = False
    """Touched by fingers, and its text written in a font that is the same everywhere."""
    dark: bool = False

    @property
    def viewport(self) -> ViewportSize:
        """The size of the window."""
        return {"width": self.width, "height": self.height}

    def new_context(self, browser: Browser) -> BrowserContext:
        """Return a fresh profile.

        The language is fixed, because a browser without one gives the page a tag that is not valid.
        """
        context = browser.new_context(
            viewport=self.viewport,
            device_scale_factor=self.ratio,
            has_touch=self.phone,
            is_mobile=self.phone,
            color_scheme="dark" if self.dark else "light",
            locale="en-US",
        )
        context.set_default_timeout(deadline(30) * 1000)
        if self.phone:
            use_known_font(context)
        return context


SMALL = Kind(800, 600)
"""For tests that look at the colours of a picture again and again: a picture of the screen costs by its size."""


class Profile:
    """A profile, and the page that stays open in it."""

    def __init__(self, kind: Kind, browser: Browser) -> None:
        self.kind = kind
        self.context = kind.new_context(browser)
        self.spoilt = False
        """Whether something was done to it that cannot be undone."""
        self.used: Used | None = None
        """The viewer that is still open on its page."""
        self._first: Page | None = None
        self._others: list[Page] = []
        self._lent = False
        self._watch(self.context, (*LASTING["context"], *LASTING["both"]))

    def open_page(self) -> Page:
        """Return an empty page: the one that is warm if nobody has it, else a new one."""
        if self._first is not None and not self._lent:
            self._lent = True
            return self._first
        page = self.context.new_page()
        self._watch(page, (*LASTING["page"], *LASTING["both"]))
        if self._first is None:
            self._first, self._lent = page, True
        else:
            self._others.append(page)
        return page

    def clear(self) -> bool:
        """Make it as it was when it was new, but for the viewer in use. Return whether that could be done."""
        try:
            for page in self._others:
                page.close()
            self._others = []
            if self._first is not None and self._lent and not self.spoilt:
                self._clear_page(self._first)
                if self.used is None:
                    self.end_use()
        except Error:
            self.spoilt = True
        self._lent = False
        return not self.spoilt

    def end_use(self) -> None:
        """Empty the page."""
        self.used = None
        if self._first is not None and self._first.url != BLANK:
            self._first.goto(BLANK)

    def _clear_page(self, page: Page) -> None:
        if page.url.startswith("http"):
            page.evaluate(FORGET)
        page.mouse.move(*OUTSIDE)
        if page.viewport_size != self.kind.viewport:
            page.set_viewport_size(self.kind.viewport)
        page.emulate_media(color_scheme="dark" if self.kind.dark else "light")

    def _watch(self, target: Page | BrowserContext, names: tuple[str, ...]) -> None:
        for name in names:
            if hasattr(target, name):
                setattr(target, name, self._spoiling(getattr(target, name)))

    def _spoiling(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.spoilt = True
            return method(*arguments, **options)

        return call


class Profiles:
    """The profiles of a browser that are not lent now; those that were used last are kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._waiting: list[Profile] = []

    def lend(self, kind: Kind, module: str) -> Profile:
        """Return a profile of this kind, which is as a fresh one but for a viewer that its module uses."""
        for profile in self._waiting:
            if profile.used is not None and (profile.kind != kind or profile.used.module != module):
                profile.end_use()
        for profile in self._waiting:
            if profile.kind == kind:
                self._waiting.remove(profile)
                return profile
        return self.fresh(kind)

    def fresh(self, kind: Kind) -> Profile:
        """Return a profile in which nothing was ever loaded."""
        return Profile(kind, self._browser)

    def give_back(self, profile: Profile, again: bool) -> None:
        """Take a profile back: to lend it again, or to close it."""
        if not again or not profile.clear():
            profile.context.close()
            return
        self._waiting.append(profile)
        while len(self._waiting) > KEPT:
            self._waiting.pop(0).context.close()

    def close(self) -> None:
        """Close all that wait."""
        while self._waiting:
            self._waiting.pop().context.close()
