"""The page of the viewer that the test before has used, made as if it were new: a load costs a second of the processor.

It is put back by its own ways (the URL's fragment, Escape, its buttons), and lent again only if it then looks as a page
does that was just loaded: the same elements with the same states, nothing written into fields, the focus nowhere.
"""

from typing import Any

from playwright.sync_api import Error, Page

TRIES_S = 1.5
"""So long a page has to look as a new one; after that it is loaded anew, which costs as much."""
LOOK = r"""() => {
  const KEPT = ["class", "id", "hidden", "disabled", "open", "role", "tabindex", "aria-pressed", "aria-expanded",
    "aria-selected", "aria-checked", "aria-invalid", "aria-hidden", "data-kind", "data-state"];
  // What follows the picture, and where the arrows are in the table.
  const PASSING = ".tick, [data-testid=level-low], [data-testid=level-high], .row, .uplot, .uplot *";
  const lines = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (element.matches(PASSING)) continue;
    const field = element.matches("input, select, textarea");
    // What is closed is made anew when it is opened, but for what is written into it.
    if (!field && !element.checkVisibility()) continue;
    const has = KEPT.filter((name) => element.hasAttribute(name) && element.checkVisibility());
    const states = has.map((name) => name + "=" + element.getAttribute(name));
    if (field) states.push(element.value, element.checked);
    if (element.matches("[data-testid=zoom-percent]")) states.push(element.textContent);
    lines.push(element.tagName + " " + states.join(" "));
  }
  lines.push(document.body.className, document.activeElement?.tagName, String(window.scrollY));
  return lines.join("\n");
}"""
SETTLED = f"""async () => {{
  const look = {LOOK};
  const end = performance.now() + 2000;
  for (let before = look(); performance.now() < end; ) {{
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = look();
    if (now === before) return now;
    before = now;
  }}
  return null;
}}"""
PUT_BACK = f"""async ([look, after, longest]) => {{
  const by = (name) => document.querySelector(`[data-testid="${{name}}"]`);
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  document.activeElement?.blur();
  if (document.body.classList.contains("no-values")) by("panel")?.click();
  if (by("tab-values")?.getAttribute("aria-selected") !== "true") by("tab-values")?.click();
  if (by("tool-pan")?.getAttribute("aria-pressed") !== "true") by("tool-pan")?.click();
  if (!by("paused")?.hidden) by("pause")?.click();
  // An unknown part stands for nothing: all settings are as at first, also those that the URL did not hold yet.
  await new Promise((resolve) => {{
    addEventListener("hashchange", resolve, {{ once: true }});
    location.hash = "#again";
  }});
  history.replaceState(null, "", location.pathname + location.search);
  // From where the tab key goes on, which is not told by the focus.
  const first = document.createElement("span");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
  const before = viewer.shown?.pulse.sequence ?? -1n;
  const end = performance.now() + longest;
  const lookNow = {LOOK};
  // Not before a picture that was drawn with those settings.
  const drawn = () => viewer.shown?.pulse.sequence > before && viewer.shown.pulse.pulseId >= after;
  while (lookNow() !== look || !drawn() || !document.getElementById("veil").hidden) {{
    if (performance.now() > end) return false;
    await wait(20);
  }}
  return true;
}}"""


def look_of(page: Page) -> Any:
    """Return how a page looks that was just loaded, for :func:`put_back`; None if that does not settle."""
    return page.evaluate(SETTLED)


def put_back(page: Page, look: str, after: int = 0) -> bool:
    """Make a page as it was when ``look`` was taken, showing a pulse not before ``after``. Return whether it is so."""
    try:
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        done: bool = page.evaluate(PUT_BACK, [look, after, TRIES_S * 1000])
        return done
    except Error:
        return False


FOLLOW = """async (fragment) => {
  const before = viewer.shown.pulse.sequence;
  await new Promise((resolve) => {
    addEventListener("hashchange", resolve, { once: true });
    location.hash = fragment;
  });
  while (!(viewer.shown?.pulse.sequence > before)) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


def follow(page: Page, fragment: str) -> None:
    """Set all that the fragment of an address says, as somebody does who edits it, and wait for the next picture."""
    page.evaluate(FOLLOW, fragment)
