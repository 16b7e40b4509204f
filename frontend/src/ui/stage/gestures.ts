/** Mouse, pen and fingers on the stage, as moves of the view and of the pixel that is read out. */

import type { Grab, PointerHow } from "./handling";
import type { Point } from "./view";

export interface GestureTarget {
  /** what follows belongs together: fingers and buttons went down, or the wheel turns again after a rest */
  begin(): void;
  zoom(factor: number, at: Point): void;
  pan(dx: number, dy: number): void;
  pinch(before: [Point, Point], after: [Point, Point]): void;
  fit(): void;
  /** the mouse is here, or left */
  hover(at: Point | null, how: PointerHow): void;
  /** takes hold of what lies here; null: nothing does, the picture moves */
  grab(at: Point, how: PointerHow): Grab | null;
  drag(grab: Grab, at: Point, how: PointerHow): void;
  /** a press without a move; true: somebody took it */
  click(at: Point, how: PointerHow): boolean;
  /** a finger picked this point */
  pick(at: Point): void;
}

/** A press that moves less (CSS pixels) is a tap. */
const TAP_RADIUS = 6;
const DOUBLE_TAP_MS = 350;
/** The wheel at rest for so long begins another gesture. */
const WHEEL_REST_MS = 400;
/** How near to a handle is near enough, CSS pixels. */
const MOUSE_REACH = 7;
const FINGER_REACH = 18;

interface Contact {
  start: Point;
  now: Point;
  moved: boolean;
  grab: Grab | null;
  /** Escape was pressed: nothing more comes of it */
  over: boolean;
}

export interface Gestures {
  /** Lets go of what is being dragged, as if it had not begun; false: nothing is. */
  cancel(): boolean;
}

/** Points are CSS pixels from the element's corner. */
export function listenToGestures(element: HTMLElement, target: GestureTarget): Gestures {
  const contacts = new Map<number, Contact>();
  let lastTap: { at: Point; when: number } | null = null;
  let wheelAt = -Infinity;
  /** the last click meant something else than the picture: two of them do not fit it */
  let taken = false;
  const point = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const near = (a: Point, b: Point, radius: number): boolean => Math.hypot(a.x - b.x, a.y - b.y) < radius;

  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.timeStamp - wheelAt > WHEEL_REST_MS) target.begin();
      wheelAt = event.timeStamp;
      const unit =
        event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
      // A pinch on a trackpad comes as a wheel with Ctrl and small steps.
      const speed = event.ctrlKey ? 0.01 : 0.0015;
      const steps = Math.max(-240, Math.min(240, event.deltaY * unit));
      target.zoom(Math.exp(-steps * speed), point(event));
    },
    { passive: false },
  );

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || onControl(event)) return;
    element.setPointerCapture(event.pointerId);
    const at = point(event);
    if (contacts.size === 0) target.begin();
    for (const contact of contacts.values()) release(contact, true);
    const grab = contacts.size === 0 ? target.grab(at, howOf(event)) : null;
    contacts.set(event.pointerId, { start: at, now: at, moved: contacts.size > 0, grab, over: false });
    for (const contact of contacts.values()) contact.moved ||= contacts.size > 1;
  });

  element.addEventListener("pointermove", (event) => {
    const at = point(event);
    const contact = contacts.get(event.pointerId);
    if (contact !== undefined) {
      const others = [...contacts].filter(([id]) => id !== event.pointerId).map(([, other]) => other.now);
      const other = others[0];
      if (contact.over) return;
      if (other !== undefined) target.pinch([contact.now, other], [at, other]);
      else if (contact.moved || !near(contact.start, at, TAP_RADIUS)) {
        contact.moved = true;
        if (contact.grab !== null) target.drag(contact.grab, at, howOf(event));
        else element.classList.add("dragging");
        if (contact.grab === null) target.pan(at.x - contact.now.x, at.y - contact.now.y);
      } else return;
      contact.now = at;
    }
    if (event.pointerType === "mouse") target.hover(onControl(event) ? null : at, howOf(event));
  });

  const end = (event: PointerEvent): void => {
    const contact = contacts.get(event.pointerId);
    contacts.delete(event.pointerId);
    if (contact !== undefined) release(contact, event.type !== "pointerup");
    if (contacts.size === 0) element.classList.remove("dragging");
    if (contact === undefined || contact.moved || event.type !== "pointerup") return;
    taken = target.click(contact.now, howOf(event));
    if (taken || event.pointerType === "mouse") return;
    if (lastTap !== null && event.timeStamp - lastTap.when < DOUBLE_TAP_MS && near(lastTap.at, contact.now, 24)) {
      lastTap = null;
      target.fit();
      return;
    }
    lastTap = { at: contact.now, when: event.timeStamp };
    target.pick(contact.now);
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") target.hover(null, howOf(event));
  });
  // Fingers are counted above: a browser's own dblclick for them would fit twice.
  let lastPointer = "mouse";
  element.addEventListener(
    "pointerdown",
    (event) => {
      lastPointer = event.pointerType;
    },
    true,
  );
  element.addEventListener("dblclick", (event) => {
    if (lastPointer === "mouse" && !taken && !onControl(event)) target.fit();
  });

  return {
    cancel: () => {
      const held = [...contacts.values()].filter((contact) => contact.grab !== null);
      for (const contact of held) {
        release(contact, true);
        contact.moved = contact.over = true;
      }
      return held.length > 0;
    },
  };
}

function release(contact: Contact, cancelled: boolean): void {
  contact.grab?.end(cancelled);
  contact.grab = null;
}

function howOf(event: PointerEvent): PointerHow {
  return {
    shift: event.shiftKey,
    control: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    reach: event.pointerType === "mouse" ? MOUSE_REACH : FINGER_REACH,
  };
}

function onControl(event: Event): boolean {
  return (
    event.target instanceof Element && event.target.closest("button, a, input, select, .veil-card, .u-over") !== null
  );
}
