/**
 * uPlot builds an Intl.NumberFormat from navigator.language when its module is evaluated. Chromium reports the POSIX
 * locale as it stands in the environment ("en-US@posix"), which is no language tag: the constructor throws and the page
 * stays empty. This module is imported before uPlot and replaces such a value.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
}

export {};
