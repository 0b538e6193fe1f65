import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/**
 * A form whose first wrong field takes the focus when it is found to be wrong; unless one has gone
 * on to another part of the page by then.
 */
export function Form(props: {
  readonly children: ComponentChildren;
  /** What is wrong with the fields, as far as something is. */
  readonly problem: string | undefined;
  onSubmit(): void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const [submits, setSubmits] = useState(0);
  useEffect(() => {
    if (props.problem === undefined) return;
    const part = form.current?.closest("section, dialog") ?? form.current;
    const { activeElement } = document;
    if (activeElement !== document.body && !part?.contains(activeElement)) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [props.problem, submits]);
  return (
    <form
      ref={form}
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setSubmits((before) => before + 1);
        props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
