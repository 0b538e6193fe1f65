import { nowMs } from "../../../ticking.ts";
import { type Loaded, useLoad, useNews } from "../../../ui/load.ts";

const INTERVAL_MS = 5_000;

/** Loads something that has no subscription, and again every few seconds. */
export function useRefreshed<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const loaded = useLoad(load, key);
  useNews(loaded, Math.floor(nowMs.value / INTERVAL_MS));
  return loaded;
}
