import type { ComponentChildren } from "preact";
import { sentence } from "../api.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import type { Loaded } from "./load.ts";

const NOTICE_ICONS = {
  plain: "info",
  good: "check",
  warn: "alert",
  bad: "alert",
} as const satisfies Record<string, IconName>;

export function Notice(props: {
  readonly kind?: keyof typeof NOTICE_ICONS;
  readonly alert?: boolean;
  readonly children: ComponentChildren;
}) {
  const kind = props.kind ?? "plain";
  return (
    <div class={`notice ${kind}`} role={props.alert ? "alert" : undefined}>
      <Icon name={NOTICE_ICONS[kind]} />
      <div class="stack tight">{props.children}</div>
    </div>
  );
}

/** What went wrong and what can be done about it. Renders nothing when nothing went wrong. */
export function Problem({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}) {
  if (error === undefined || error === null) return null;
  return (
    <Notice kind="bad" alert>
      <p>{sentence(error)}</p>
      {retry && (
        <div>
          <Button onPress={retry}>Try again</Button>
        </div>
      )}
    </Notice>
  );
}

/** That something is on its way, or why it did not come. Renders nothing once it is here. */
export function Loading({
  of: { value, error, reload },
  ...skeleton
}: {
  readonly of: Pick<Loaded<unknown>, "value" | "error" | "reload">;
  readonly lines?: number;
  readonly shape?: string;
}) {
  return (
    <>
      <Problem error={error} retry={reload} />
      {value === undefined && error === undefined && <Skeleton {...skeleton} />}
    </>
  );
}

export function Empty(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={props.icon} size={36} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** The shape of what is about to come. */
export function Skeleton({ lines = 3, shape = "line" }: { lines?: number; shape?: string }) {
  return (
    <div class="stack" role="status">
      <span class="visually-hidden">Loading…</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class={`skeleton ${shape}`} />
      ))}
    </div>
  );
}
