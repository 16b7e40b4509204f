/** What of the processing server's results is drawn over the picture. */

export const STREAM_PARTS = ["profiles", "fit", "region", "slices", "centre"] as const;

export type StreamPart = (typeof STREAM_PARTS)[number];

export type StreamParts = Record<StreamPart, boolean>;

export const ALL_STREAM_PARTS: StreamParts = { profiles: true, fit: true, region: true, slices: true, centre: true };
