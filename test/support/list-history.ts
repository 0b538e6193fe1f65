/**
 * Holds what clients saw of append-only lists against each other, in the manner of Elle's
 * list-append. Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental
 * Observations", VLDB 2020.
 */

/** One entry that somebody asked for. An entry of two lists is two of these. */
export interface Append {
  readonly list: string;
  readonly item: string;
  readonly beganMs: number;
  /** From when on every read has to show it; undefined when nobody was promised that. */
  readonly endedMs: number | undefined;
}

export interface ListRead {
  readonly list: string;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly items: readonly string[];
}

export interface ListHistory {
  readonly appends: readonly Append[];
  readonly reads: readonly ListRead[];
  /** Read with nobody at work any more. */
  readonly finals: ReadonlyMap<string, readonly string[]>;
}

/** Sentences in one report. */
const ANOMALIES_MAX = 20;

/**
 * What is wrong, in sentences; nothing, when
 *
 * - every read of a list is a prefix of its final state: no entry lost, doubled, reordered,
 * - every entry was asked for, and all that was promised is there in the end, and
 * - no operations of a list form a cycle: of an entry before the next one, a read after the last
 *   entry it has seen and before the first one it has not, and an operation after those that had
 *   ended before it began, by the clock.
 */
export function findAnomalies({ appends, reads, finals }: ListHistory): string[] {
  const readsOf = Map.groupBy(reads, ({ list }) => list);
  const appendsOf = Map.groupBy(appends, ({ list }) => list);
  const lists = new Set([...finals.keys(), ...readsOf.keys(), ...appendsOf.keys()]);
  const anomalies: string[] = [];
  for (const list of lists) {
    const own = { appends: appendsOf.get(list) ?? [], reads: readsOf.get(list) ?? [] };
    anomalies.push(...anomaliesOf(list, finals.get(list) ?? [], own));
    if (anomalies.length >= ANOMALIES_MAX) break;
  }
  return anomalies.slice(0, ANOMALIES_MAX);
}

type Own = Pick<ListHistory, "appends" | "reads">;

function anomaliesOf(list: string, final: readonly string[], { appends, reads }: Own): string[] {
  const places = new Map(final.map((item, at) => [item, at]));
  const askedFor = new Set(appends.map(({ item }) => item));
  const lost = appends.filter(({ item, endedMs }) => endedMs !== undefined && !places.has(item));
  const notPrefixes = reads.filter(({ items }) => items.some((item, at) => item !== final[at]));
  return [
    ...(places.size < final.length ? [`${list} has entries twice in the end.`] : []),
    ...final.filter((item) => !askedFor.has(item)).map((item) => `${list}: nobody asked ${item}.`),
    ...lost.map(({ item }) => `${list}: ${item} was promised and is lost.`),
    ...notPrefixes.map((read) => `${list}: ${describeDifference(read.items, final)}.`),
    ...cyclesOf(list, [
      ...appends.flatMap((append) => toAppendStep(append, places)),
      ...reads.map(toReadStep),
    ]),
  ];
}

function describeDifference(items: readonly string[], final: readonly string[]): string {
  const at = items.findIndex((item, place) => item !== final[place]);
  return `a read had ${items[at]} at ${at}, where ${final[at] ?? "nothing"} is in the end`;
}

/**
 * An operation on a list, and where it stands in the list's one order: a read of `n` entries comes
 * after the `n`th entry and before the one after that.
 */
interface Step {
  readonly what: string;
  readonly order: number;
  readonly beganMs: number;
  readonly endedMs: number;
}

function toAppendStep(append: Append, places: ReadonlyMap<string, number>): Step[] {
  const { item, beganMs, endedMs = Number.POSITIVE_INFINITY } = append;
  const at = places.get(item);
  return at === undefined ? [] : [{ what: item, order: 2 * at + 1, beganMs, endedMs }];
}

function toReadStep({ items, beganMs, endedMs }: ListRead): Step {
  return { what: `a read of ${items.length}`, order: 2 * items.length, beganMs, endedMs };
}

/**
 * Entries and reads lead from each operation of a list to all that are later in its order. So there
 * is a cycle exactly when one that ended before another one began is later in that order.
 */
function cyclesOf(list: string, steps: readonly Step[]): string[] {
  const ended = steps.toSorted((a, b) => a.endedMs - b.endedMs);
  const cycles: string[] = [];
  let [at, latest]: [number, Step | undefined] = [0, undefined];
  for (const step of steps.toSorted((a, b) => a.beganMs - b.beganMs)) {
    for (; (ended[at]?.endedMs ?? Number.POSITIVE_INFINITY) < step.beganMs; at += 1) {
      const one = ended[at];
      if (one !== undefined && one.order > (latest?.order ?? -1)) latest = one;
    }
    if (latest === undefined || latest.order <= step.order) continue;
    cycles.push(
      `${list}: ${step.what} began at ${step.beganMs}, after ${latest.what} had ended at ` +
        `${latest.endedMs}, and comes before it.`,
    );
  }
  return cycles;
}
