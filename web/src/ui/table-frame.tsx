import type { ComponentChildren } from "preact";

/** A table that scrolls where it is wider than the page. */
export function TableFrame(props: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  // What scrolls must be reached by keyboard, too, and then be called something.
  const name = { role: "region", tabIndex: 0, "aria-label": `${props.label}, scrolls` } as const;
  return (
    <div class="table-frame" {...name}>
      {props.children}
    </div>
  );
}
