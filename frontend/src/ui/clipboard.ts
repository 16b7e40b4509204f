/** Text to the clipboard, also where the page is not served securely. */

import { el } from "./dom";

/** True when it was copied. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** Plain http has no clipboard to write to, but copies what is selected. */
function copySelected(text: string): boolean {
  const field = el("textarea", { class: "for-screen-readers", "aria-hidden": "true", tabindex: -1 });
  const focused = document.activeElement;
  document.body.append(field);
  field.value = text;
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
