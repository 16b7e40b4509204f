import { describe, expect, it } from "vitest";
import type { Analysis, Hello, PulseValues, Shown } from "../../contract";
import { LiveState } from "./live-state";
import { status } from "./veil-fixtures";

function values(sequence: bigint): PulseValues {
  return {
    pulse: { epoch: 1, sequence, pulseId: sequence + 100n, sourceTime: null, receiptTime: null },
    scalars: new Map(),
    arrays: new Map(),
    omitted: new Map(),
  };
}

function shown(sequence: bigint): Shown {
  return {
    pulse: values(sequence).pulse,
    picture: Number(sequence),
    channel: "image",
    dtype: "uint8",
    shape: [2, 2],
    of: [2, 2],
    crop: null,
    binning: 1,
    sourceDtype: "uint8",
    widened: false,
    numbers: null,
    choice: "exact",
    colour: false,
    slice: null,
    format: "raw",
    exact: true,
    bytes: 4,
    ageMs: 5,
    drawnAt: 0,
    legs: { serverMs: 1, networkMs: null, decodeMs: 1, drawMs: 1 },
    levels: [0, 1],
    range: [0, 1],
    notFinite: 0,
    saturation: { level: null, guessed: false, count: null },
    rounded: null,
    renderer: "webgl2",
    curve: null,
    shownRate: 10,
    notSent: 0,
  };
}

describe("LiveState", () => {
  it("takes late values of the same picture without counting it again", () => {
    const state = new LiveState(0);
    state.receive({ type: "shown", shown: shown(1n), values: null }, 1000);
    state.receive({ type: "shown", shown: shown(1n), values: values(1n) }, 1100);
    expect(state.shownAt).toBe(1000);
    expect(state.pictureValues?.pulse.sequence).toBe(1n);
    expect(state.veilInputs(1100).imagePeriod).toBeNull();
  });

  it("forgets picture and values when the worker cleared the canvas", () => {
    const state = new LiveState(0);
    state.receive({ type: "shown", shown: shown(1n), values: values(1n) }, 1000);
    state.receive({ type: "cleared" }, 1100);
    expect(state.shown).toBeNull();
    expect(state.pictureValues).toBeNull();
    expect(state.veilInputs(1100)).toMatchObject({ pictureAt: null, askedAt: 1100 });
  });

  it("takes a pause for no gap: a picture is young again when it is over", () => {
    const state = new LiveState(0);
    state.receive({ type: "shown", shown: shown(1n), values: null }, 1000);
    state.setPaused(true, 1100);
    expect(state.veilInputs(1200)).toMatchObject({ paused: true, pictureAt: 1000 });
    state.setPaused(false, 61_000);
    expect(state.veilInputs(61_010)).toMatchObject({ paused: false, pictureAt: 61_000 });
    state.receive({ type: "shown", shown: shown(2n), values: null }, 61_100);
    expect(state.veilInputs(61_200).imagePeriod).toBeNull();
  });

  it("counts a loss from the last word of the server and keeps the picture", () => {
    const state = new LiveState(0);
    state.receive({ type: "connection", connection: { state: "open" } }, 100);
    state.receive({ type: "shown", shown: shown(1n), values: null }, 5000);
    state.receive(
      { type: "connection", connection: { state: "lost", everOpen: true, retryInMs: 300, attempt: 1, reason: "" } },
      8000,
    );
    expect(state.veilInputs(8000).lostAt).toBe(5000);
    expect(state.shown).not.toBeNull();
    state.receive({ type: "connection", connection: { state: "connecting", attempt: 2 } }, 8300);
    state.receive(
      { type: "connection", connection: { state: "lost", everOpen: true, retryInMs: 600, attempt: 2, reason: "" } },
      8400,
    );
    expect(state.veilInputs(8400).lostAt).toBe(5000);
  });

  it("does not trust the status of before a loss", () => {
    const state = new LiveState(0);
    state.receive({ type: "connection", connection: { state: "open" } }, 100);
    state.receive({ type: "scalars", values: values(4n), rows: 1, lost: 0, last: new Map() }, 200);
    state.receive({ type: "status", status: status() }, 250);
    state.receive({ type: "connection", connection: { state: "open" } }, 9000);
    expect(state.status).toBeNull();
    expect(state.veilInputs(9000).valuesAt).toBeNull();
  });

  it("drops the newest values with the epoch that they belong to", () => {
    const hello = (epoch: number): Hello => ({
      build: "b",
      version: "1",
      epoch,
      stream: "tcp://h:1",
      formats: [],
      limits: { max_rate: 60, viewer_mbit: 0, total_mbit: 0, loopback: true, message_bytes: 1 },
    });
    const state = new LiveState(0);
    state.receive({ type: "hello", hello: hello(1) }, 0);
    state.receive({ type: "scalars", values: values(4n), rows: 1, lost: 0, last: new Map() }, 200);
    state.receive({ type: "hello", hello: hello(2) }, 300);
    expect(state.newestValues).toBeNull();
  });

  it("learns the period from the rows of the scalar lane", () => {
    const state = new LiveState(0);
    for (let time = 0; time <= 1000; time += 100)
      state.receive({ type: "scalars", values: values(1n), rows: 10, lost: 0, last: new Map() }, time);
    expect(state.veilInputs(1000).period).toBe(10);
  });

  it("shows the picture's values, and says so only when they are", () => {
    const state = new LiveState(0);
    expect(state.tableValues(true, 0)).toBeNull();
    state.receive({ type: "shown", shown: shown(1n), values: values(1n) }, 1000);
    expect(state.tableValues(true, 1010)).toMatchObject({ source: "picture" });
    state.receive({ type: "shown", shown: shown(2n), values: null }, 1020);
    expect(state.tableValues(true, 1030)).toMatchObject({ source: "sampled", values: values(1n) });
  });

  it("shows the newest values while no picture lives", () => {
    const state = new LiveState(0);
    state.receive({ type: "shown", shown: shown(1n), values: values(1n) }, 1000);
    state.receive({ type: "scalars", values: values(50n), rows: 1, lost: 0, last: new Map() }, 6000);
    expect(state.tableValues(true, 6000)).toMatchObject({ source: "picture", values: values(1n) });
    expect(state.tableValues(false, 6000)).toMatchObject({ source: "newest", values: values(50n) });
    state.receive({ type: "cleared" }, 6100);
    expect(state.tableValues(true, 6100)).toMatchObject({ source: "newest" });
  });

  it("calls the table of a fast stream sampled until the stream stops", () => {
    const state = new LiveState(0);
    state.receive({ type: "shown", shown: { ...shown(1n), shownRate: 60 }, values: values(1n) }, 1000);
    expect(state.tableValues(true, 1010)).toMatchObject({ source: "sampled" });
    expect(state.tableValues(true, 1400)).toMatchObject({ source: "picture" });
  });

  it("says what is being received after a second, until it is drawn", () => {
    const state = new LiveState(0);
    state.receive({ type: "connection", connection: { state: "open" } }, 0);
    state.receive({ type: "sending", bytes: 11e6, received: 0 }, 1000);
    expect(state.sendingFor(1500)).toBeNull();
    state.receive({ type: "sending", bytes: 11e6, received: 4e6 }, 3500);
    expect(state.sendingFor(4000)).toEqual({ bytes: 11e6, received: 4e6, at: 1000 });
    state.receive({ type: "shown", shown: shown(1n), values: null }, 5000);
    expect(state.sendingFor(9000)).toBeNull();
  });

  it("forgets an image of which the rest will not come", () => {
    const state = new LiveState(0);
    state.receive({ type: "connection", connection: { state: "open" } }, 0);
    state.receive({ type: "sending", bytes: 11e6, received: 4e6 }, 1000);
    state.receive({ type: "sending", bytes: 11e6, received: null }, 3000);
    expect(state.sendingFor(4000)).toBeNull();
  });
});

describe("what was computed of the picture", () => {
  const analysis = (picture: number) => ({ type: "analysis", analysis: { picture } as Analysis }) as const;
  const draw = (state: LiveState, sequence: bigint) =>
    state.receive({ type: "shown", shown: shown(sequence), values: null }, Number(sequence));

  it("is there while something is wanted, and goes with the picture", () => {
    const state = new LiveState(0);
    draw(state, 1n);
    const message = analysis(1);
    state.receive(message, 1);
    expect(state.analysis).toBeNull();
    state.setAnalysing(true);
    state.receive(message, 2);
    expect(state.analysis).toBe(message.analysis);
    state.receive({ type: "cleared" }, 3);
    expect(state.analysis).toBeNull();
    state.receive(message, 4);
    state.setAnalysing(false);
    expect(state.analysis).toBeNull();
  });

  it("is never of what was on screen before the picture was taken away", () => {
    const state = new LiveState(0);
    state.setAnalysing(true);
    draw(state, 4n);
    state.receive({ type: "cleared" }, 5);
    state.receive(analysis(4), 6);
    expect(state.analysis).toBeNull();
    draw(state, 7n);
    state.receive(analysis(4), 8);
    expect(state.analysis).toBeNull();
    draw(state, 8n);
    state.receive(analysis(7), 9);
    expect(state.analysis?.picture).toBe(7);
  });
});
