/** The page that lists cameras: keeps the list as it is now, and copies commands. The server writes the list. */

const REFRESH_MS = 2000;
/** While the server has not told anything yet. */
const FIRST_MS = 400;

const list = document.querySelector<HTMLElement>("#list");
const trouble = document.querySelector<HTMLElement>("#trouble");
let shown = "";

/** Times are written in UTC, because the server does not know where its readers are. */
function localTimes(where: HTMLElement): void {
  for (const time of where.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString(undefined, { hour12: false });
  }
}

/** Replaces the list; what was open stays open, and the focus where it was. */
function replaceList(where: HTMLElement, html: string): void {
  const keys = (of: Iterable<Element>) => [...of].map((each) => each.closest("details")?.dataset["key"]);
  const open = new Set(keys(where.querySelectorAll("details[open]")));
  const [focused] = document.activeElement === null ? [] : keys([document.activeElement]);
  where.innerHTML = html;
  for (const each of where.querySelectorAll("details")) {
    const key = each.dataset["key"];
    each.open = open.has(key);
    if (key !== undefined && key === focused) each.querySelector("summary")?.focus({ preventScroll: true });
  }
  localTimes(where);
}

/** True while somebody marks a command to copy it, which a new list would undo. */
function isMarking(where: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && where.contains(selection.anchorNode);
}

async function refresh(where: HTMLElement): Promise<void> {
  try {
    // The browser asks with the tag of what it has, and the server answers without a list if it is the same.
    const answer = await fetch(`cameras/list${location.search}`, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`it answers with ${answer.status}`);
    const html = await answer.text();
    if (html !== shown && !isMarking(where)) {
      shown = html;
      replaceList(where, html);
    }
    tell("");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell(`This list is not kept up to date any more, because its server does not answer: ${why}`);
  }
}

function tell(text: string): void {
  if (trouble === null || trouble.textContent === text) return;
  trouble.textContent = text;
  trouble.hidden = text === "";
}

async function keepUpToDate(where: HTMLElement): Promise<void> {
  if (!document.hidden) await refresh(where);
  const isFirst = where.querySelector("[data-asked]") !== null;
  setTimeout(() => void keepUpToDate(where), isFirst ? FIRST_MS : REFRESH_MS);
}

/** By what is selected, which plain http may copy too. */
function copy(button: HTMLElement): void {
  const code = button.parentElement?.querySelector("code");
  if (!code) return;
  getSelection()?.selectAllChildren(code);
  button.textContent = document.execCommand("copy") ? "Copied" : "Marked: copy it with the keyboard";
  getSelection()?.removeAllRanges();
}

document.documentElement.classList.add("scripted");
if (list !== null) {
  localTimes(list);
  list.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLElement && target.matches("button.copy")) copy(target);
  });
  if (list.dataset["live"] !== undefined) setTimeout(() => void keepUpToDate(list), FIRST_MS);
}
