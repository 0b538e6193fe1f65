import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Problem, Skeleton } from "./feedback.tsx";

/** A component whose code is fetched when it is first shown. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => preact.JSX.Element {
  const component = signal<{ readonly Loaded: ComponentType<Props> } | undefined>(undefined);
  const failure = signal<unknown>(undefined);
  const fetchIt = () => {
    failure.value = undefined;
    load().then(
      (Loaded) => {
        component.value = { Loaded };
      },
      (error: unknown) => {
        failure.value = error;
      },
    );
  };
  return (props) => {
    useEffect(() => {
      if (component.peek() === undefined) fetchIt();
    }, []);
    const loaded = component.value;
    if (loaded !== undefined) return <loaded.Loaded {...props} />;
    if (failure.value !== undefined) return <Problem error={failure.value} retry={fetchIt} />;
    return <Skeleton lines={4} />;
  };
}
