/** Profiles in the panel: what is computed, the numbers of the fits, and the reference that they are compared with. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";
import { axisUnit } from "../../analysis/axis";
import type { Analysis, Baseline, Roi } from "../../contract";
import { sourceText } from "../../ui/analysis/source-text";
import { clockTime, formatRate } from "../../ui/format";
import { ActionButton, Choice, CopyButton, Notes, ToggleButton } from "../../ui/kit/controls";
import type { Axes } from "../../ui/stage/measure";
import { definitionText, failures, resultRows, type ResultRow, warnings } from "./projection-results";
import { incomparable, type Reference } from "./reference";
import type { ProjectionSettings } from "./settings";

const BASELINES: readonly (readonly [Baseline, string])[] = [
  ["facility", "as the facility's server"],
  ["none", "none (raw profile)"],
  ["minimum", "minimum"],
  ["border", "border median"],
];

/** What the card tells of. */
export interface Told {
  /** null: nothing was computed yet */
  analysis: Analysis | null;
  axes: Axes;
  /** null: none is kept */
  reference: Reference | null;
}

export interface ProjectionCardProps {
  told: ReadonlySignal<Told>;
  projections: ReadonlySignal<ProjectionSettings>;
  rois: ReadonlySignal<readonly Roi[]>;
  change(change: Partial<ProjectionSettings>): void;
  keepReference(): void;
  clearReference(): void;
  /** copies the results; false: that failed, null: there are none */
  copy(): Promise<boolean | null>;
}

export function ProjectionCard(props: ProjectionCardProps): ComponentChild {
  const { analysis, reference } = props.told.value;
  const { on } = props.projections.value;
  const there = on && analysis !== null && analysis.projections !== null;
  const waiting = on && !there ? "Nothing was computed yet." : "";
  const missing = on ? (analysis?.missing ?? waiting) : "Sums along x and y, with centre, width and a Gaussian fit.";
  return (
    <section class="panel-section" aria-label="Profiles">
      <Controls {...props} />
      <p class="panel-note" data-testid="results-missing" hidden={missing === ""}>
        {missing}
      </p>
      <div hidden={!there && reference === null}>
        <Results {...props} of={there ? analysis : null} />
      </div>
    </section>
  );
}

function Controls({ projections, rois, change }: ProjectionCardProps): ComponentChild {
  const { on, fit, roi, baseline } = projections.value;
  const regions = rois.value.map(({ id, name }): [string, string] => [String(id), name]);
  return (
    <div class="panel-buttons">
      <ToggleButton testId="projections-on" pressed={on} onClick={() => change({ on: !on })}>
        Profiles
      </ToggleButton>
      <ToggleButton testId="projections-fit" pressed={fit} onClick={() => change({ fit: !fit })}>
        Gauss fit
      </ToggleButton>
      <Choice
        label="of"
        testId="projections-of"
        value={rois.value.some(({ id }) => id === roi) ? String(roi) : ""}
        options={[["", "image"], ...regions]}
        onChange={(id) => change({ roi: id === "" ? null : Number(id) })}
      />
      <Choice
        label="baseline"
        testId="projections-baseline"
        value={baseline}
        options={BASELINES}
        onChange={(chosen) => change({ baseline: chosen })}
      />
    </div>
  );
}

/** `of`: null, there are none now, but perhaps a reference. */
function Results({ told, projections, of, ...props }: ProjectionCardProps & { of: Analysis | null }): ComponentChild {
  const { analysis, axes, reference } = told.value;
  const keep = useRef<HTMLButtonElement>(null);
  const clear = (): void => {
    props.clearReference();
    keep.current?.focus();
  };
  const about = of === null ? "" : `of ${sourceText(of)}, ${formatRate(of.rate)} Hz, pulse ${of.pulse.pulseId}`;
  return (
    <>
      <table class="results" data-testid="results" hidden={of === null}>
        <caption class="for-screen-readers">Results of the profiles</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{`x (${axisUnit(axes.x)})`}</th>
            <th scope="col">{`y (${axisUnit(axes.y)})`}</th>
            <td class="result-unit" />
          </tr>
        </thead>
        <tbody>
          {(of === null ? [] : resultRows(of, axes, reference)).map((row) => (
            <Row key={row.name} {...row} />
          ))}
        </tbody>
      </table>
      <Notes testId="results-warnings" texts={of === null ? [] : warnings(of)} warning />
      <Notes testId="results-failures" texts={of === null ? [] : failures(of)} />
      <p class="panel-note" data-testid="results-definition" hidden={of === null}>
        {definitionText(projections.value.baseline)}
      </p>
      <p class="panel-note" data-testid="results-about" hidden={of === null}>
        {about}
      </p>
      <div class="panel-buttons">
        <CopyButton testId="results-copy" disabled={of === null} copy={props.copy} />
        <ActionButton testId="reference-keep" disabled={of === null} buttonRef={keep} onClick={props.keepReference}>
          Keep as reference
        </ActionButton>
        <ActionButton testId="reference-clear" hidden={reference === null} onClick={clear}>
          Clear reference
        </ActionButton>
      </div>
      <p class="panel-note reference-note" data-testid="reference" hidden={reference === null}>
        {reference === null ? "" : referenceText(reference, analysis, axes)}
      </p>
    </>
  );
}

function Row({ name, x, y, deltaX, deltaY, unit }: ResultRow): ComponentChild {
  return (
    <tr data-result={name}>
      <th scope="row">{name}</th>
      <td>
        <span class="result">{x}</span>
        <span class="delta">{deltaX}</span>
      </td>
      <td>
        <span class="result">{y}</span>
        <span class="delta">{deltaY}</span>
      </td>
      <td class="result-unit">{unit}</td>
    </tr>
  );
}

function referenceText(reference: Reference, analysis: Analysis | null, axes: Axes): string {
  const why = analysis === null ? null : incomparable(reference, analysis.channel, axes);
  const kept = `Reference (dashed): pulse ${reference.pulse.pulseId}, kept at ${clockTime(reference.keptAt)}`;
  return why === null ? kept : `${kept}; not compared: ${why}`;
}
