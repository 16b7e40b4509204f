/** The beam fit in the panel: its state, its numbers, and what is to be known of them. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import type { Analysis, Orientation } from "../../contract";
import { sourceText } from "../../ui/analysis/source-text";
import { formatRate } from "../../ui/format";
import { CopyButton, Notes } from "../../ui/kit/controls";
import styles from "./beam-card.module.css";
import type { BeamFit } from "./compute/result";
import { beamNotes, beamRows, stateText } from "./text";

/** What the card tells of. */
export interface Told {
  /** null: nothing was computed yet */
  analysis: Analysis | null;
  /** null: there is none of this picture */
  fit: BeamFit | null;
  orientation: Orientation;
}

export interface BeamCardProps {
  on: ReadonlySignal<boolean>;
  told: ReadonlySignal<Told>;
  /** copies the results; false: that failed, null: there are none */
  copy(): Promise<boolean | null>;
}

export function BeamCard({ on, told, copy }: BeamCardProps): ComponentChild {
  const { analysis, fit, orientation } = told.value;
  const rows = fit === null ? [] : beamRows(fit, orientation);
  const notes = fit === null ? [analysis?.missing ?? "Nothing was computed yet."] : beamNotes(fit);
  const about =
    analysis === null || fit === null
      ? ""
      : `of ${sourceText(analysis)}, ${formatRate(analysis.rate)} Hz, pulse ${analysis.pulse.pulseId}`;
  return (
    <section class="panel-section" aria-label="2-D beam fit" data-testid="beam-card" hidden={!on.value}>
      <p class="panel-title">
        {"2-D beam fit: "}
        <span class={styles.state} data-testid="beam-state" data-state={fit?.state ?? "waiting"}>
          {fit === null ? "waiting" : stateText(fit)}
        </span>
      </p>
      <table class={`results ${styles.results}`} data-testid="beam-results" hidden={rows.length === 0}>
        <caption class="for-screen-readers">Results of the beam fit</caption>
        <tbody>
          {rows.map(({ name, text, unit }) => (
            <tr key={name} data-result={name}>
              <th scope="row">{name}</th>
              <td>{text}</td>
              <td class="result-unit">{unit}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Notes testId="beam-notes" texts={notes} />
      <p class="panel-note" hidden={fit?.state !== "converged"}>
        D4σ diameters by ISO 11146 above the dark pixels; tilt counter-clockwise from the horizontal of the picture as
        shown, in the lengths of the axes. Errors are those of the background's noise alone.
      </p>
      <p class="panel-note" data-testid="beam-about">
        {about}
      </p>
      <div class="panel-buttons">
        <CopyButton testId="beam-copy" disabled={fit === null} copy={copy} />
      </div>
    </section>
  );
}
