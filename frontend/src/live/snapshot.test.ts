import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Bench } from "./bench.testing";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

describe("a picture of the canvas", () => {
  it("is of a draw that was made for it, of the pulse that it names", async () => {
    bench.image(1, 11, {}, { pulseId: 77n });
    bench.display();
    bench.viewer.receive({ type: "snapshot", id: 5 });
    await vi.waitFor(() => expect(bench.of("snapshot")).toHaveLength(1));
    const [answer] = bench.of("snapshot");
    expect(answer).toMatchObject({ id: 5, shown: { pulse: { pulseId: 77n } } });
    expect(new TextDecoder().decode(answer!.png!)).toBe("picture 2");
    expect(bench.acknowledged()).toEqual([1]);
  });

  it("is none without a picture", () => {
    bench.viewer.receive({ type: "snapshot", id: 6 });
    expect(bench.of("snapshot")).toEqual([{ type: "snapshot", id: 6, shown: null, png: null }]);
  });

  it("is none while the graphics card is away", () => {
    bench.image(1, 11);
    bench.display();
    bench.events?.lost();
    bench.viewer.receive({ type: "snapshot", id: 7 });
    expect(bench.of("snapshot")[0]).toMatchObject({ id: 7, png: null });
  });
});
