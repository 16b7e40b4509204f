// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Analysis, Roi } from "../../contract";
import { PIXEL_AXES } from "../../ui/stage/measure";
import { analysisOf } from "../../ui/page.testing";
import { ProjectionCard, type ProjectionCardProps, type Told } from "./projection-card";
import { keepReference } from "./reference";
import { projectionSettings } from "./settings";

const { usual } = projectionSettings.projections;
const NOTHING: Told = { analysis: null, axes: PIXEL_AXES, reference: null };
const ROI: Roi = { id: 3, name: '<b>halo</b> "1"', shape: { kind: "rectangle", x: 0, y: 0, width: 2, height: 2 } };

const host = document.createElement("div");
const told = signal(NOTHING);
const projections = signal(usual);
const rois = signal<Roi[]>([]);
const asked: unknown[] = [];
let copied: boolean | null = true;
const props: ProjectionCardProps = {
  told,
  projections,
  rois,
  change: (change) => void asked.push(change),
  keepReference: () => void asked.push("keep"),
  clearReference: () => void asked.push("clear"),
  copy: () => Promise.resolve(copied),
};

function find<Element extends HTMLElement = HTMLElement>(testId: string): Element {
  return host.querySelector<Element>(`[data-testid="${testId}"]`)!;
}

/** With results that are 1 pulse further each time. */
function results(sequence: number, change: Partial<Analysis> = {}): Told {
  return { ...NOTHING, analysis: { ...analysisOf(sequence), ...change } };
}

beforeEach(async () => {
  document.body.append(host);
  await act(() => render(<ProjectionCard {...props} />, host));
});
afterEach(async () => {
  await act(() => render(null, host));
  host.remove();
  [told.value, projections.value, rois.value, copied] = [NOTHING, usual, [], true];
  asked.length = 0;
});

describe("the card of the profiles", () => {
  it("says what they are while they are off, and why there are none while they are on", async () => {
    expect(find("results-missing").textContent).toContain("Sums along x and y");
    await act(() => void (projections.value = { ...usual, on: true }));
    expect(find("results-missing").textContent).toBe("Nothing was computed yet.");
    const missing = "Waiting for all of the image.";
    await act(() => void (told.value = results(1, { projections: null, missing })));
    expect(find("results-missing").textContent).toBe(missing);
    expect(find("results").hidden).toBe(true);
    expect(find<HTMLButtonElement>("results-copy").disabled).toBe(true);
  });

  it("follows each result in the same rows, and the pulse that it is of", async () => {
    await act(() => void (projections.value = { ...usual, on: true }));
    await act(() => void (told.value = results(1)));
    expect(find("results").hidden).toBe(false);
    expect(find("results-missing").hidden).toBe(true);
    expect(find("results-about").textContent).toContain("pulse 1001");
    const row = host.querySelector("tbody tr")!;
    await act(() => void (told.value = results(2)));
    expect(find("results-about").textContent).toContain("pulse 1002");
    expect(row.isConnected).toBe(true);
  });

  it("lists the regions by their names, and chooses one", async () => {
    await act(() => void (rois.value = [ROI]));
    const list = find<HTMLSelectElement>("projections-of");
    expect([...list.options].map(({ text }) => text)).toEqual(["image", ROI.name]);
    list.value = "3";
    await act(() => void list.dispatchEvent(new Event("change", { bubbles: true })));
    expect(asked).toEqual([{ roi: 3 }]);
    // The region was deleted: they are of the image.
    await act(() => void (projections.value = { ...usual, roi: 9 }));
    expect(list.value).toBe("");
  });

  it("compares with what was kept, and has the focus after that is let go", async () => {
    const kept = results(1);
    await act(() => void (projections.value = { ...usual, on: true }));
    const reference = keepReference(kept.analysis!, PIXEL_AXES, 0);
    await act(() => void (told.value = { ...results(2), reference }));
    expect(find("reference").textContent).toContain("pulse 1001");
    expect(find("reference-clear").hidden).toBe(false);
    await act(() => find("reference-clear").click());
    expect(asked).toEqual(["clear"]);
    expect(document.activeElement).toBe(find("reference-keep"));
  });

  it("says whether the results were copied", async () => {
    await act(() => void (projections.value = { ...usual, on: true }));
    await act(() => void (told.value = results(1)));
    find("results-copy").click();
    await vi.waitFor(() => expect(find("results-copy").textContent).toBe("Copied"));
    copied = false;
    find("results-copy").click();
    await vi.waitFor(() => expect(find("results-copy").textContent).toBe("Not copied"));
  });
});
