import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** The first page is where the browser puts the focus itself; every later one is announced. */
let isFirstPage = true;

/** The page's heading. It names the window and takes the focus, so that the new page is read. */
export function PageTitle(props: {
  readonly title: string;
  /** Shown in the place of the title, when it is more than a text. */
  readonly children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · Stoa`;
  }, [props.title]);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {props.children ?? props.title}
    </h1>
  );
}
