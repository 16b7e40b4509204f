// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PulseValues } from "../../contract";
import { type Pipeline, pipelineOf } from "./pipeline";
import { StreamPage, type StreamPageProps } from "./stream-page";
import { ALL_STREAM_PARTS, type StreamParts } from "./stream-parts";

type Scalar = PulseValues["scalars"] extends ReadonlyMap<string, infer Value> ? Value : never;

/** What a stream with these values of `image` says; texts as they came. */
function told(values: Record<string, number | string>): Pipeline {
  const scalars = new Map(
    Object.entries(values).map(([name, value]): [string, Scalar] => [
      name,
      typeof value === "number"
        ? { state: "value", dtype: "float64", value }
        : { state: "value", dtype: "string", value },
    ]),
  );
  const pulse = { epoch: 1, sequence: 1n, pulseId: 1n, sourceTime: null, receiptTime: null };
  const pipeline = pipelineOf(
    { pulse, scalars, arrays: new Map(), omitted: new Map() },
    { columns: 2, rows: 2, channel: "image" },
  );
  if (pipeline === null) throw new Error("no pipeline");
  return pipeline;
}

const host = document.createElement("div");
const latest = signal<{ pipeline: Pipeline; pulse: bigint } | null>(null);
const parts = signal<StreamParts>(ALL_STREAM_PARTS);
const chosen: StreamParts[] = [];
const props: StreamPageProps = { told: latest, parts, onParts: (next) => void chosen.push(next) };

function text(testId: string): string {
  return host.querySelector(`[data-testid="${testId}"]`)?.textContent ?? "";
}

beforeEach(() => {
  document.body.append(host);
  act(() => render(<StreamPage {...props} />, host));
});
afterEach(() => {
  act(() => render(null, host));
  host.remove();
  latest.value = null;
  parts.value = ALL_STREAM_PARTS;
  chosen.length = 0;
});

describe("the page of the stream's own results", () => {
  it("says nothing of a pulse before there is one", () => {
    expect(text("stream-pulse")).toBe("–");
    expect(host.querySelectorAll("tbody tr")).toHaveLength(0);
  });

  it("follows each pulse, in the rows that are there", async () => {
    await act(() => void (latest.value = { pipeline: told({ x_rms: 12.5, x_com: 3 }), pulse: 7n }));
    const row = [...host.querySelectorAll("tbody tr")].find((one) => one.textContent.startsWith("rms"))!;
    expect(row.children[1]!.textContent).toBe("12.5");
    expect(row.children[2]!.getAttribute("title")).toBe("no such value in this pulse");
    await act(() => void (latest.value = { pipeline: told({ x_rms: 13.25 }), pulse: 8n }));
    expect(text("stream-pulse")).toBe("8");
    expect(row.isConnected).toBe(true);
    expect(row.children[1]!.textContent).toBe("13.25");
  });

  it("never takes what the stream says for markup", async () => {
    const processing_parameters = JSON.stringify({ camera_name: "<img src=x onerror=alert(1)>" });
    await act(() => void (latest.value = { pipeline: told({ x_rms: 1, processing_parameters }), pulse: 1n }));
    expect(host.querySelector("img")).toBe(null);
    expect(text("stream-processing")).toContain("<img src=x onerror=alert(1)>");
  });

  it("switches one part, and shows what is set elsewhere", async () => {
    const box = host.querySelector<HTMLInputElement>("[data-testid=stream-fit]")!;
    expect(box.checked).toBe(true);
    await act(() => box.click());
    expect(chosen).toEqual([{ ...ALL_STREAM_PARTS, fit: false }]);
    await act(() => void (parts.value = { ...ALL_STREAM_PARTS, fit: false, region: false }));
    expect(host.querySelector<HTMLInputElement>("[data-testid=stream-region]")!.checked).toBe(false);
  });
});
