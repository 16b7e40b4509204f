/** Small controls of the panels, as components: switches, buttons, choices and lists of notes. */

import { useSignal } from "@preact/signals";
import type { ComponentChild, ComponentChildren, Ref } from "preact";

/** How long a button says that it did its work. */
const SAID_MS = 2000;

interface ButtonProps {
  testId: string;
  onClick(): void;
  disabled?: boolean;
  hidden?: boolean;
  buttonRef?: Ref<HTMLButtonElement>;
  children: ComponentChildren;
}

export function ActionButton({ testId, buttonRef, children, ...rest }: ButtonProps): ComponentChild {
  return (
    <button type="button" class="button" data-testid={testId} ref={buttonRef} {...rest}>
      {children}
    </button>
  );
}

export function ToggleButton({
  testId,
  pressed,
  children,
  onClick,
}: ButtonProps & { pressed: boolean }): ComponentChild {
  return (
    <button type="button" class="button toggle" data-testid={testId} aria-pressed={pressed} onClick={onClick}>
      {children}
    </button>
  );
}

/** Copies a text, and says for a while whether that worked. `copy`: false, it did not; null: there was nothing to copy. */
export function CopyButton(props: {
  testId: string;
  disabled: boolean;
  copy(): Promise<boolean | null>;
}): ComponentChild {
  const said = useSignal("Copy");
  const press = async (): Promise<void> => {
    const copied = await props.copy();
    if (copied === null) return;
    said.value = copied ? "Copied" : "Not copied";
    window.setTimeout(() => {
      said.value = "Copy";
    }, SAID_MS);
  };
  return (
    <ActionButton testId={props.testId} disabled={props.disabled} onClick={() => void press()}>
      {said.value}
    </ActionButton>
  );
}

/** One of several values, with a label before the list. */
export function Choice<Value extends string>(props: {
  label: string;
  testId: string;
  value: Value;
  options: readonly (readonly [value: Value, text: string])[];
  onChange(value: Value): void;
}): ComponentChild {
  const { label, testId, value, options, onChange } = props;
  const chosen = (text: string): void => {
    const found = options.find(([one]) => one === text);
    if (found !== undefined) onChange(found[0]);
  };
  return (
    <label class="entry">
      {`${label} `}
      <select data-testid={testId} value={value} onChange={({ currentTarget }) => chosen(currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Sentences below each other; invisible without any. */
export function Notes({
  texts,
  testId,
  warning,
}: {
  texts: readonly string[];
  testId: string;
  warning?: true;
}): ComponentChild {
  return (
    <ul class={warning ? "notes notes-warning" : "notes"} data-testid={testId}>
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
