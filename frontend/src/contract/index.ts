/**
 * What the page and its worker say to each other. The worker owns the WebSocket, the decoding, the statistics and the
 * canvas; the page owns everything that a person touches. Nothing here imports the DOM, so both sides can.
 */

export type * from "./analysis";
export type * from "./colours";
export type * from "./computing";
export type * from "./messages";
export type * from "./picture";
export type * from "./pixels";
export type * from "./processing";
export type * from "./regions";
export type * from "./stream";
export type * from "./values";
export type * from "./view";
