import type { ComponentChildren } from "preact";

/** Something that most people do not need, one press away. */
export function Disclosure(props: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <details class="disclosure">
      <summary>{props.title}</summary>
      <div class="stack">{props.children}</div>
    </details>
  );
}
