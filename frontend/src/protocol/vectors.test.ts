import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Bslz4Decoder } from "../decode/bslz4";
import { decodeValues } from "../decode/image";
import { decodeBinary, type FrameMessage, type ScalarsMessage } from "./envelope";
import type { Block } from "./frame";
import type { Piece } from "./pieces";
import type { Column, Table } from "./table";

type Json = Record<string, unknown>;

const folder = new URL("../../../tests/vectors/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5));

/** Values as the golden files write them: 64 bits as text, NaN and infinities by name. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function describeColumn(column: Column, rows: number): Json {
  const cells = Array.from({ length: rows }, (_, row) => column.at(row));
  return {
    channel: column.channel,
    dtype: column.dtype === "nothing" ? null : column.dtype,
    states: cells.map((cell) => (cell === undefined ? 0 : { value: 1, null: 2, invalid: 3 }[cell.state])),
    values: cells.map((cell) => (cell?.state === "value" ? plain(cell.value) : undefined)),
  };
}

function describeTable(table: Table): Json {
  return {
    rows: Array.from({ length: table.rows }, (_, row) => ({
      sequence: plain(table.sequence(row)),
      pulse_id: plain(table.pulseId(row)),
      source_time: plain(table.sourceTime(row)),
    })),
    columns: table.columns.map((column) => describeColumn(column, table.rows)),
  };
}

/** The keys of a block that not every block has. */
function describePlace({ dtype, sourceDtype, binning, of, crop, levels }: Block): Json {
  return {
    ...(sourceDtype === dtype ? {} : { source_dtype: sourceDtype }),
    ...(binning === 1 ? {} : { binning }),
    ...(of === null ? {} : { of }),
    ...(crop === null ? {} : { crop }),
    ...(levels === null ? {} : { levels }),
  };
}

function describePreview(block: Block): Json {
  const { role, channel, format, dtype, order, shape, exact } = block;
  const { min, max, sum, finite, notFinite, saturation, saturated } = block.numbers!;
  const numbers = { min, max, sum, finite, not_finite: notFinite, saturation, saturated };
  const payload = Buffer.from(block.payload).toString("hex");
  return { role, channel, format, dtype, order, shape, exact, ...describePlace(block), numbers, payload };
}

function describeBlock(block: Block): Json {
  const { role, channel, format, dtype, order, shape, exact } = block;
  if (format === "jpeg") return describePreview(block);
  const { data } = decodeValues(block, new Bslz4Decoder(), 0);
  const values = Array.from(data as ArrayLike<unknown>, plain);
  return { role, channel, format, dtype, order, shape, exact, ...describePlace(block), values };
}

function describeMessage(message: FrameMessage | ScalarsMessage | Piece): Json {
  if (message.kind === "piece") {
    const { total, offset, givenUp, bytes } = message;
    return { kind: "piece", total, offset, given_up: givenUp, bytes: Buffer.from(bytes).toString("hex") };
  }
  if (message.kind === "scalars") {
    return {
      kind: "scalars",
      epoch: message.epoch,
      server_us: message.serverMicros,
      skipped: message.lost,
      ...describeTable(message.table),
    };
  }
  const { frame, serverMicros, notSent } = message;
  const blocks = [frame.image, ...frame.arrays].filter((block) => block !== null).map(describeBlock);
  const { profiles, histogram, detail } = frame;
  if (profiles.x !== null) blocks.push({ ...describeBlock(profiles.x), axis: "x" });
  if (histogram !== null) {
    blocks.push({ ...describeBlock(histogram.block), low: histogram.low, width: histogram.width });
  }
  if (detail !== null) blocks.push(describeBlock(detail));
  if (frame.values !== null) blocks.push({ role: "values", format: "table", ...describeTable(frame.values) });
  return {
    kind: "frame",
    epoch: frame.pulse.epoch,
    sequence: plain(frame.pulse.sequence),
    pulse_id: plain(frame.pulse.pulseId),
    source_time: plain(frame.pulse.sourceTime),
    receipt_time: plain(frame.pulse.receiptTime),
    server_us: serverMicros,
    skipped: notSent,
    blocks,
    omitted: frame.omitted.map(({ channel, dtype, shape, reason }) => [channel, dtype, shape, reason]),
    invalid: frame.invalid.map(({ channel, reason }) => [channel, reason]),
    null: frame.nulls,
  };
}

/** Cells without a value hold zeros on the wire, which no client reads. */
function withoutFillers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFillers);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as Json);
  const { states } = value as { states?: number[] };
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      key === "values" && states !== undefined
        ? states.map((state, row) => (state === 1 ? (entry as unknown[])[row] : undefined))
        : withoutFillers(entry),
    ]),
  );
}

describe("the golden messages of the server", () => {
  it("are there", () => {
    expect(names.length).toBeGreaterThan(3);
  });

  it.each(names)("%s is read as it is described", (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));
    const message = decodeBinary(bytes.buffer);
    const expected: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    expect(message === null ? null : describeMessage(message)).toEqual(withoutFillers(expected));
  });
});
