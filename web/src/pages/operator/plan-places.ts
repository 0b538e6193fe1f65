export type Path = readonly PropertyKey[];

const NAMED_BY: Readonly<Record<string, { word: string; by: string }>> = {
  sections: { word: "Section", by: "name" },
  rows: { word: "row", by: "label" },
  seats: { word: "seat", by: "id" },
  categories: { word: "Category", by: "name" },
};

/** A path into a plan in the words of somebody who made it. */
export function placeWords(path: Path, plan: unknown): string {
  const words: string[] = [];
  let here: unknown = plan;
  for (let at = 0; at < path.length; at += 1) {
    const key = path[at] ?? "";
    const list = member(here, key);
    const named = typeof key === "string" ? NAMED_BY[key] : undefined;
    const index = path[at + 1];
    if (named !== undefined && typeof index === "number") {
      here = member(list, index);
      const name = member(here, named.by);
      words.push(`${named.word} ${typeof name === "string" ? `“${name}”` : index + 1}`);
      at += 1;
    } else {
      here = list;
      words.push(String(key));
    }
  }
  return words.length === 0 ? "The plan" : words.join(", ");
}

function member(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
