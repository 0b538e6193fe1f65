import { sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { Profile } from "../types.ts";
import { chat } from "./tables.ts";

const DEFAULT: Profile = {
  hidden: false,
  theme: "day",
  magnification: 1,
  recents: [],
  read_markers: true,
  typing: true,
};

/** A person's own choices; the default ones for who has made none. */
export async function readProfile(tx: Tx, accountId: string): Promise<Profile> {
  const row = await chat(tx)
    .selectFrom("chat_profiles")
    .select(["hidden", "theme", "magnification", "recents", "read_markers", "typing"])
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row ?? DEFAULT;
}

/** Changes what is given and leaves the rest. */
export async function saveProfile(
  tx: Tx,
  accountId: string,
  change: { readonly [K in keyof Profile]?: Profile[K] | undefined },
): Promise<Profile> {
  const { hidden, theme, magnification, recents, read_markers, typing } = change;
  const { rows } = await sql<Profile>`
    insert into chat_profiles as profile
      (account_id, hidden, theme, magnification, recents, read_markers, typing)
    values (
      ${accountId},
      ${hidden ?? DEFAULT.hidden}, ${theme ?? DEFAULT.theme},
      ${magnification ?? DEFAULT.magnification}, ${recents ?? DEFAULT.recents}::text[],
      ${read_markers ?? DEFAULT.read_markers}, ${typing ?? DEFAULT.typing}
    )
    on conflict (account_id) do update set
      hidden = coalesce(${hidden ?? null}::boolean, profile.hidden),
      theme = coalesce(${theme ?? null}::text, profile.theme),
      magnification = coalesce(${magnification ?? null}::double precision, profile.magnification),
      recents = coalesce(${recents ?? null}::text[], profile.recents),
      read_markers = coalesce(${read_markers ?? null}::boolean, profile.read_markers),
      typing = coalesce(${typing ?? null}::boolean, profile.typing)
    returning hidden, theme, magnification, recents, read_markers, typing
  `.execute(tx.as());
  const [row] = rows;
  if (row === undefined) throw new Error("A profile that is saved is there.");
  return row;
}
