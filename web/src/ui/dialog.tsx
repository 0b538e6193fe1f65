import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./button.tsx";

/** A modal window: the browser keeps the focus inside, closes it on Escape and gives focus back. */
export function Dialog(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
  onClose(): void;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.showModal();
    return () => {
      dialog.close();
      // What was pressed to come here may be gone by now: then one goes on in the page.
      if (document.activeElement === document.body) document.getElementById("main")?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={titleId}>{props.title}</h2>
        <IconButton icon="close" label="Close" onPress={props.onClose} />
      </div>
      <div class="stack">{props.children}</div>
    </dialog>
  );
}
