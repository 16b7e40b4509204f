/** The page "Stream" of the side panel: what the processing server did with the image, and what it found in it. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import type { Pipeline } from "./pipeline";
import { axisRows, imageLines, numberText, processingLines, type Line } from "./pipeline-text";
import styles from "./stream-page.module.css";
import { STREAM_PARTS, type StreamPart, type StreamParts } from "./stream-parts";

const PARTS: Record<StreamPart, string> = {
  profiles: "Profiles",
  fit: "Fits",
  region: "Good region",
  slices: "Slices",
  centre: "Centre of mass",
};

export interface StreamPageProps {
  /** the results that are told, and the pulse that they belong to; null: none came yet */
  told: ReadonlySignal<{ pipeline: Pipeline; pulse: bigint } | null>;
  /** which of them are drawn over the picture */
  parts: ReadonlySignal<StreamParts>;
  onParts(parts: StreamParts): void;
}

export function StreamPage({ told, parts, onParts }: StreamPageProps): ComponentChild {
  const { pipeline = null, pulse = null } = told.value ?? {};
  return (
    <>
      <p class={styles.note}>
        Results that the stream brought itself, of pulse{" "}
        <strong data-testid="stream-pulse">{pulse === null ? "–" : String(pulse)}</strong>
      </p>
      <Switches parts={parts} onParts={onParts} />
      <table class={styles.numbers} data-testid="stream-numbers">
        <thead>
          <tr>
            <th scope="col">Found</th>
            <th scope="col">x</th>
            <th scope="col">y</th>
            <th scope="col" class={styles.unit} />
          </tr>
        </thead>
        <tbody>
          {(pipeline === null ? [] : axisRows(pipeline)).map(([what, x, y, unit]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <Value of={x} />
              <Value of={y} />
              <td class={styles.unit}>{unit}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Lines lines={pipeline === null ? [] : imageLines(pipeline)} testId="stream-image" />
      <h2 class={styles.title}>Processing at the source</h2>
      <p class={styles.note} hidden={(pipeline?.parameters ?? null) !== null}>
        The stream does not say how the image was processed.
      </p>
      <Lines
        lines={pipeline === null || pipeline.parameters === null ? [] : processingLines(pipeline.parameters)}
        testId="stream-processing"
      />
    </>
  );
}

function Switches({ parts, onParts }: Pick<StreamPageProps, "parts" | "onParts">): ComponentChild {
  return (
    <fieldset class={styles.switches}>
      <legend>Over the picture</legend>
      {STREAM_PARTS.map((part) => (
        <label key={part} class={styles.switch}>
          <input
            type="checkbox"
            data-testid={`stream-${part}`}
            checked={parts.value[part]}
            onChange={({ currentTarget }) => onParts({ ...parts.value, [part]: currentTarget.checked })}
          />
          {PARTS[part]}
        </label>
      ))}
    </fieldset>
  );
}

function Value({ of: value }: { of: number | null }): ComponentChild {
  return <td title={value === null ? "no such value in this pulse" : String(value)}>{numberText(value)}</td>;
}

function Lines({ lines, testId }: { lines: readonly Line[]; testId: string }): ComponentChild {
  return (
    <dl class={styles.list} data-testid={testId}>
      {lines.map(([what, text]) => [<dt key={`${what} name`}>{what}</dt>, <dd key={what}>{text}</dd>])}
    </dl>
  );
}
