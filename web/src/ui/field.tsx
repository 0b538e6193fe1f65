import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with the value, said under the field. */
  readonly problem?: string | undefined;
  readonly type?: "text" | "email" | "password" | "number" | "date" | "datetime-local";
  readonly autocomplete?: string;
  readonly inputMode?: "text" | "numeric" | "email" | "decimal";
  readonly required?: boolean;
  /** The field that one came to this page for: typing can begin at once. */
  readonly isFirst?: boolean;
  readonly min?: string;
  readonly max?: string;
  readonly maxLength?: number;
  readonly look?: "code" | "mono";
  readonly rows?: number;
  /** Values to choose from, for whoever does not want to type. */
  readonly suggestions?: readonly { readonly value: string; readonly text: string }[];
  onValue(value: string): void;
}

/** A label, an input, a hint and, when it comes to that, a problem, tied together. */
export function Field(props: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.isFirst) input.current?.focus();
  }, []);
  const describedBy = [
    props.hint !== undefined && `${id}-hint`,
    props.problem !== undefined && `${id}-problem`,
  ].filter(Boolean);
  const shared = {
    id,
    class: ["input", props.look].filter(Boolean).join(" "),
    value: props.value,
    required: props.required ?? false,
    "aria-invalid": props.problem === undefined ? undefined : ("true" as const),
    "aria-describedby": describedBy.length > 0 ? describedBy.join(" ") : undefined,
    maxLength: props.maxLength,
    // Names and codes are not words; what is written in lines is.
    spellcheck: props.rows !== undefined && props.look === undefined,
    onInput: (event: { currentTarget: { value: string } }) =>
      props.onValue(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.rows === undefined ? (
        <input
          {...shared}
          ref={input}
          // The element's type is a union told apart by this value, and any of them fits here.
          type={(props.type ?? "text") as "text"}
          autocomplete={props.autocomplete ?? "off"}
          autocapitalize="none"
          inputMode={props.inputMode}
          min={props.min}
          max={props.max}
          list={props.suggestions === undefined ? undefined : `${id}-list`}
        />
      ) : (
        <textarea {...shared} rows={props.rows} />
      )}
      {props.suggestions !== undefined && (
        <datalist id={`${id}-list`}>
          {props.suggestions.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </datalist>
      )}
      {props.hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.problem !== undefined && (
        <p class="problem" id={`${id}-problem`}>
          {props.problem}
        </p>
      )}
    </div>
  );
}

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly hint?: string;
  readonly problem?: string | undefined;
  onValue(value: string): void;
}

export function Select(props: SelectProps) {
  const id = useId();
  const describedBy = [
    props.hint !== undefined && `${id}-hint`,
    props.problem !== undefined && `${id}-problem`,
  ].filter(Boolean);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        class="input"
        value={props.value}
        aria-describedby={describedBy.length > 0 ? describedBy.join(" ") : undefined}
        aria-invalid={props.problem === undefined ? undefined : "true"}
        onChange={(event) => props.onValue(event.currentTarget.value)}
      >
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      {props.hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.problem !== undefined && (
        <p class="problem" id={`${id}-problem`}>
          {props.problem}
        </p>
      )}
    </div>
  );
}

export function Check(props: {
  readonly label: ComponentChildren;
  readonly checked: boolean;
  onChange(checked: boolean): void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}
