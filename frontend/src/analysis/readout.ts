import type { DType } from "../contract";
import type { Image } from "../decode/image";

const CHANNEL_NAMES = ["R", "G", "B", "A"];
const FLOAT32_DIGITS = 9;

/** The shortest decimal that is this value again when it is read as a number of this type. */
export function valueText(value: number | bigint, dtype: DType): string {
  if (typeof value === "bigint") return value.toString();
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (Object.is(value, -0)) return "-0";
  if (dtype !== "float32" || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(FLOAT32_DIGITS)));
}

/** The value of a pixel as it was sent, all channels of a colour image; empty outside of the picture. */
export function pixelText(image: Image, row: number, column: number): string {
  if (!(row >= 0 && row < image.rows && column >= 0 && column < image.columns)) return "";
  const at = (Math.floor(row) * image.columns + Math.floor(column)) * image.channels;
  if (image.channels === 1) return valueText(image.data[at]!, image.dtype);
  return CHANNEL_NAMES.slice(0, image.channels)
    .map((name, channel) => `${name} ${valueText(image.data[at + channel]!, image.dtype)}`)
    .join(", ");
}
