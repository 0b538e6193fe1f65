import type { Tx } from "../../../core/database.ts";
import { auth } from "./tables.ts";

export async function insertOperatorToken(tx: Tx, tokenHash: Uint8Array, expiresAtMs: number) {
  await auth(tx)
    .insertInto("auth_operator_tokens")
    .values({ token_hash: Buffer.from(tokenHash), expires_at: new Date(expiresAtMs) })
    .execute();
}

/** Uses a token up: of any number of transactions at once, one succeeds. */
export async function takeOperatorToken(tx: Tx, tokenHash: Uint8Array, nowMs: number) {
  const taken = await auth(tx)
    .deleteFrom("auth_operator_tokens")
    .where("token_hash", "=", Buffer.from(tokenHash))
    .where("expires_at", ">", new Date(nowMs))
    .returning("expires_at")
    .executeTakeFirst();
  return taken !== undefined;
}
