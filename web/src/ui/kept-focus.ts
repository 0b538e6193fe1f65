import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Keeps the focus in a part of the page whose buttons come and go: when a change takes away the
 * button that was pressed, the part itself gets the focus, and not the top of the page.
 */
export function useKeptFocus(change: string): RefObject<HTMLElement | null> {
  const part = useRef<HTMLElement>(null);
  const wasInside = useRef(false);
  useEffect(() => {
    const follow = ({ target }: FocusEvent) => {
      wasInside.current = target instanceof Node && part.current?.contains(target) === true;
    };
    document.addEventListener("focusin", follow);
    return () => document.removeEventListener("focusin", follow);
  }, []);
  const known = useRef(change);
  useEffect(() => {
    if (known.current === change) return;
    known.current = change;
    const isLost = document.activeElement === document.body;
    if (isLost && wasInside.current) part.current?.focus({ preventScroll: true });
  }, [change]);
  return part;
}
