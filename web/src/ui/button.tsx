import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "danger" | "quiet" | undefined;
  readonly type?: "button" | "submit";
  readonly icon?: IconName;
  /** Something is under way: the button stays focused and does nothing. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly wide?: boolean;
  readonly describedBy?: string | undefined;
  onPress?(): void;
}

export function Button(props: ButtonProps) {
  const inert = props.busy === true || props.disabled === true;
  const classes = ["button", props.kind, props.wide && "wide", props.busy && "busy"];
  return (
    <button
      type={props.type ?? "button"}
      class={classes.filter(Boolean).join(" ")}
      aria-disabled={inert ? "true" : undefined}
      aria-busy={props.busy ? "true" : undefined}
      aria-describedby={props.describedBy}
      onClick={(event) => {
        if (inert) event.preventDefault();
        else props.onPress?.();
      }}
    >
      {props.busy ? <span class="spinner" /> : props.icon && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
}

export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  onPress(): void;
}) {
  return (
    <button
      type="button"
      class="button icon quiet"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      aria-disabled={props.disabled ? "true" : undefined}
      onClick={() => {
        if (!props.disabled) props.onPress();
      }}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** Chooses a small number. */
export function Stepper(props: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  onChange(value: number): void;
}) {
  const step = (by: number) =>
    props.onChange(Math.min(props.max, Math.max(props.min, props.value + by)));
  return (
    <div class="stepper" role="group" aria-label={props.label}>
      <IconButton
        icon="minus"
        label="Fewer"
        disabled={props.value <= props.min}
        onPress={() => step(-1)}
      />
      <output aria-live="polite">{props.value}</output>
      <IconButton
        icon="plus"
        label="More"
        disabled={props.value >= props.max}
        onPress={() => step(1)}
      />
    </div>
  );
}
