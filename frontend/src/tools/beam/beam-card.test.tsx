// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UPRIGHT } from "../../defaults";
import { analysisOf } from "../../ui/page.testing";
import { BeamCard, type Told } from "./beam-card";

const NOTHING: Told = { analysis: null, fit: null, orientation: UPRIGHT };
const host = document.createElement("div");
const on = signal(true);
const told = signal(NOTHING);
let copied: boolean | null = true;

function find(testId: string): HTMLElement {
  return host.querySelector<HTMLElement>(`[data-testid="${testId}"]`)!;
}

beforeEach(async () => {
  document.body.append(host);
  await act(() => render(<BeamCard on={on} told={told} copy={() => Promise.resolve(copied)} />, host));
});
afterEach(async () => {
  await act(() => render(null, host));
  host.remove();
  [on.value, told.value, copied] = [true, NOTHING, true];
});

describe("the card of the beam fit", () => {
  it("is seen while the tool is on, and says why there are no numbers", async () => {
    expect(find("beam-card").hidden).toBe(false);
    expect(find("beam-state").textContent).toBe("waiting");
    const missing = "Waiting for all of the image.";
    await act(() => void (told.value = { ...NOTHING, analysis: { ...analysisOf(1), missing } }));
    expect(find("beam-notes").textContent).toBe(missing);
    expect(find("beam-copy").hasAttribute("disabled")).toBe(true);
    await act(() => void (on.value = false));
    expect(find("beam-card").hidden).toBe(true);
  });

  it("has a state and its reason, and no numbers, where there is no beam", async () => {
    const fit = { state: "empty", reason: "nothing stands out" } as const;
    await act(() => void (told.value = { ...NOTHING, analysis: analysisOf(2), fit }));
    expect(find("beam-state").dataset["state"]).toBe("empty");
    expect(find("beam-results").hidden).toBe(true);
    expect(find("beam-notes").textContent).toContain("nothing stands out");
    expect(find("beam-about").textContent).toContain("pulse 1002");
    find("beam-copy").click();
    await vi.waitFor(() => expect(find("beam-copy").textContent).toBe("Copied"));
  });
});
