/** Everything that the page shows of the stream's own results: over the picture, above it, and in the side panel. */

import { signal } from "@preact/signals";
import { h, render } from "preact";
import type { PulseValues, Shown } from "../../contract";
import { el } from "../../ui/dom";
import type { EdgeScales } from "../../ui/stage/edge-scale";
import type { Overlay } from "../../ui/stage/overlay";
import { pipelineOf, type Pipeline } from "./pipeline";
import { PipelineLayer } from "./pipeline-layer";
import { ProcessingError } from "./processing-error";
import { StreamPage } from "./stream-page";
import styles from "./stream-page.module.css";
import type { StreamParts } from "./stream-parts";
import type { Settings, SettingsStore } from "../../ui/settings";
import type { SidePanel } from "../../ui/side-panel";

const TAB = "stream";

interface Latest {
  pipeline: Pipeline;
  pulse: bigint;
}

export class PipelineView {
  private readonly overlay: Overlay;
  private readonly panel: SidePanel;
  private readonly layer: PipelineLayer;
  /** what the panel tells: it stays as it is while nobody sees it */
  private readonly told = signal<Latest | null>(null);
  private readonly error = new ProcessingError();
  /** what lies on the picture */
  readonly notes = this.error.element;
  private latest: Latest | null = null;

  constructor(overlay: Overlay, panel: SidePanel, settings: SettingsStore, scales: EdgeScales) {
    this.overlay = overlay;
    this.panel = panel;
    this.layer = new PipelineLayer(seen(settings.now), scales);
    const page = el("div", { class: `panel-page ${styles.page}` });
    const onParts = (stream: StreamParts): void => settings.set({ stream });
    render(h(StreamPage, { told: this.told, parts: settings.signals.stream, onParts }), page);
    overlay.add(this.layer);
    panel.add(TAB, "Stream", page, (visible) => visible && this.refresh());
    panel.offer(TAB, false);
    settings.watch(["stream", "projections"], (now, before) => {
      if (now.stream === before.stream && now.projections.on === before.projections.on) return;
      this.layer.show(seen(now));
      overlay.invalidate();
    });
  }

  /** A picture was drawn, and these are the values of its pulse; null: they come with another one. */
  receive(shown: Shown, values: PulseValues | null): void {
    if (values === null) return;
    const [rows, columns] = shown.of;
    const pipeline = shown.curve === null ? pipelineOf(values, { columns, rows, channel: shown.channel }) : null;
    if (pipeline === null && this.latest === null) return;
    this.set(pipeline === null ? null : { pipeline, pulse: values.pulse.pulseId });
  }

  /** There is no picture any more. The tab stays: what comes back is mostly the same stream. */
  clear(): void {
    if (this.latest !== null) this.set(null);
  }

  /** Another stream: nothing is known of it. */
  forget(): void {
    this.clear();
    this.panel.offer(TAB, false);
  }

  /** Brings the numbers in the panel up to date. */
  refresh(): void {
    if (this.latest !== null && this.panel.isOpen(TAB)) this.told.value = this.latest;
  }

  private set(latest: Latest | null): void {
    this.latest = latest;
    this.layer.set(latest?.pipeline ?? null);
    this.error.update(latest?.pipeline.parameters ?? null);
    this.overlay.invalidate();
    if (latest !== null) this.panel.offer(TAB, true);
  }
}

/** The stream's profiles and fits belong to the profiles of the picture: they are seen with them. */
function seen({ stream, projections }: Settings): StreamParts {
  return { ...stream, profiles: stream.profiles && projections.on, fit: stream.fit && projections.on };
}
