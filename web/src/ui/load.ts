import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { CallError } from "../api.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): void;
  /** Puts an answer that is already here in the place of the loaded one. */
  set(value: T): void;
}

/** Loads something when the page opens and whenever the key changes; late answers are dropped. */
export function useLoad<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: unknown }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let wanted = true;
    latest.current().then(
      (value) => wanted && setState({ key, value }),
      (error: unknown) => wanted && setState({ key, error }),
    );
    return () => {
      wanted = false;
    };
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const set = useCallback((value: T) => setState({ key, value }), [key]);
  const current = state.key === key ? state : { key };
  return { value: current.value, error: current.error, reload, set };
}

/** Loads again whenever a count of news grows; until the answer is here the former one stays. */
export function useNews(loaded: Loaded<unknown>, news: number): void {
  const { reload } = loaded;
  const known = useRef(news);
  useEffect(() => {
    if (known.current === news) return;
    known.current = news;
    reload();
  }, [news, reload]);
}

export interface Action<Args extends readonly unknown[]> {
  run(...args: Args): void;
  readonly busy: boolean;
  readonly error: unknown;
  /** What the server says about single fields, by name. */
  readonly problems: Readonly<Record<string, string>>;
  clear(): void;
}

/** Something a person sets off: one at a time, its error kept to be shown. */
export function useAction<Args extends readonly unknown[]>(
  act: (...args: Args) => Promise<void>,
): Action<Args> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const running = useRef(false);
  const latest = useRef(act);
  latest.current = act;
  const run = useCallback((...args: Args) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    latest
      .current(...args)
      .catch((cause: unknown) => setError(cause))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { run, busy, error, problems: problemsOf(error), clear };
}

interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The issues that an INVALID_INPUT carries. */
function issuesOf(error: unknown): readonly Issue[] {
  if (!(error instanceof CallError)) return [];
  const issues = error.data?.["issues"];
  return Array.isArray(issues) ? (issues as readonly Issue[]) : [];
}

function problemsOf(error: unknown): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { path, message } of issuesOf(error)) {
    const field = String(path[0] ?? "");
    problems[field] ??= `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  }
  return problems;
}
