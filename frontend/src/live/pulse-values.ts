import type { ArrayValue, LastValue, Omitted, Pulse, PulseValues, Scalar } from "../contract";
import { DecodeError, type Decoder } from "../decode/decoder";
import { decodeValues, toArrayValue } from "../decode/image";
import { ProtocolError } from "../protocol/bytes";
import type { Frame } from "../protocol/frame";
import type { Table } from "../protocol/table";

/** Names of channels by their numbers, since one hello; a number without a name is shown as it is. */
export class ChannelNames {
  private readonly names = new Map<number, string>();

  add(channels: [number, string][]): void {
    for (const [channel, name] of channels) this.names.set(channel, name);
  }

  of(channel: number): string {
    return this.names.get(channel) ?? `#${channel}`;
  }
}

/** Slot of the decoder for arrays, which are copied at once. */
const ARRAY_SLOT = 2;

/**
 * The values of a frame by name. Channels get their numbers in the order in which the stream first listed them, so
 * that is the order here, whatever a channel holds.
 */
export function frameValues(frame: Frame, names: ChannelNames, decoder: Decoder): PulseValues {
  const scalars = frame.values === null ? new Map<number, Scalar>() : rowScalars(frame.values, 0);
  for (const channel of frame.nulls) scalars.set(channel, { state: "null" });
  for (const { channel, reason } of frame.invalid) scalars.set(channel, { state: "invalid", reason });
  const arrays = new Map<number, ArrayValue>();
  for (const block of frame.arrays) {
    try {
      arrays.set(block.channel, toArrayValue(decodeValues(block, decoder, ARRAY_SLOT)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      scalars.set(block.channel, { state: "invalid", reason: error.message });
    }
  }
  const omitted = new Map<number, Omitted>();
  for (const { channel, ...rest } of frame.omitted) omitted.set(channel, rest);
  return {
    pulse: frame.pulse,
    scalars: named(scalars, names),
    arrays: named(arrays, names),
    omitted: named(omitted, names),
  };
}

/** The newest row of the scalar lane. */
export function rowValues(table: Table, epoch: number, names: ChannelNames): PulseValues {
  const row = table.rows - 1;
  if (row < 0) throw new ProtocolError("a table without rows");
  const pulse: Pulse = {
    epoch,
    sequence: table.sequence(row),
    pulseId: table.pulseId(row),
    sourceTime: table.sourceTime(row),
    receiptTime: null,
  };
  return { pulse, scalars: named(rowScalars(table, row), names), arrays: new Map(), omitted: new Map() };
}

/** Of the channels that do not come with every pulse: the last value in these rows. */
export function lastValues(table: Table, names: ChannelNames): [string, LastValue][] {
  const found: [string, LastValue][] = [];
  for (const column of table.columns) {
    const row = column.lastOfFew();
    const scalar = row < 0 ? undefined : column.at(row);
    if (scalar === undefined) continue;
    found.push([names.of(column.channel), { scalar, sequence: table.sequence(row), pulseId: table.pulseId(row) }]);
  }
  return found;
}

function rowScalars(table: Table, row: number): Map<number, Scalar> {
  const scalars = new Map<number, Scalar>();
  for (const column of table.columns) {
    const scalar = column.at(row);
    if (scalar !== undefined) scalars.set(column.channel, scalar);
  }
  return scalars;
}

function named<T>(values: Map<number, T>, names: ChannelNames): Map<string, T> {
  const sorted = [...values].sort(([a], [b]) => a - b);
  return new Map(sorted.map(([channel, value]) => [names.of(channel), value]));
}
