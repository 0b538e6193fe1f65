import { type Selectable, sql } from "kysely";
import type { Tx } from "../../../core/database.ts";
import { SESSION_IDLE_MS_MAX, SESSIONS_PER_ACCOUNT_MAX } from "../rules/sessions.ts";
import type { Session } from "../types.ts";
import { type AuthTables, auth } from "./tables.ts";

/** A live session: ended ones have no row. */
export interface StoredSession extends Session {
  readonly accountId: string;
  /** The cookie's value, sealed: whoever proves the session otherwise is handed it again. */
  readonly cookieSealed: string;
}

/** What a credential has to be held against. */
export interface SessionStanding {
  readonly sessionId: string;
  readonly accountId: string;
  readonly operator: boolean;
  readonly tokenEpoch: number;
  readonly signedInAtMs: number;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
}

export interface NewSession {
  readonly id: string;
  readonly accountId: string;
  readonly cookieHash: Uint8Array;
  readonly cookieSealed: string;
  readonly address: string;
  readonly userAgent: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** What the session's owner is shown. */
export function sessionView(session: StoredSession): Session {
  return {
    id: session.id,
    address: session.address,
    userAgent: session.userAgent,
    createdAtMs: session.createdAtMs,
    lastSeenAtMs: session.lastSeenAtMs,
    expiresAtMs: session.expiresAtMs,
  };
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  const createdAt = new Date(session.createdAtMs);
  await auth(tx)
    .insertInto("auth_sessions")
    .values({
      id: session.id,
      account_id: session.accountId,
      cookie_hash: Buffer.from(session.cookieHash),
      cookie_sealed: session.cookieSealed,
      address: session.address,
      user_agent: session.userAgent,
      created_at: createdAt,
      last_seen_at: createdAt,
      expires_at: new Date(session.expiresAtMs),
    })
    .execute();
}

export async function findSession(tx: Tx, id: string): Promise<StoredSession | null> {
  const row = await auth(tx)
    .selectFrom("auth_sessions")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** All sessions of the account, the newest first. */
export async function listSessions(tx: Tx, accountId: string): Promise<Session[]> {
  const rows = await auth(tx)
    .selectFrom("auth_sessions")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("id", "desc")
    .limit(SESSIONS_PER_ACCOUNT_MAX)
    .execute();
  return rows.map((row) => sessionView(toSession(row)));
}

function standings(tx: Tx) {
  return auth(tx)
    .selectFrom("auth_sessions")
    .innerJoin("auth_accounts", "auth_accounts.id", "auth_sessions.account_id")
    .select([
      "auth_sessions.id as sessionId",
      "auth_accounts.id as accountId",
      "auth_accounts.operator",
      "auth_accounts.token_epoch as tokenEpoch",
      "auth_sessions.created_at",
      "auth_sessions.last_seen_at",
      "auth_sessions.expires_at",
    ]);
}

export async function findStanding(tx: Tx, sessionId: string): Promise<SessionStanding | null> {
  const row = await standings(tx).where("auth_sessions.id", "=", sessionId).executeTakeFirst();
  return row === undefined ? null : toStanding(row);
}

export async function findStandingByCookie(
  tx: Tx,
  cookieHash: Uint8Array,
): Promise<SessionStanding | null> {
  const row = await standings(tx)
    .where("auth_sessions.cookie_hash", "=", Buffer.from(cookieHash))
    .executeTakeFirst();
  return row === undefined ? null : toStanding(row);
}

/** Ends a session of the account; false when it has none with this id. */
export async function deleteSession(tx: Tx, accountId: string, id: string): Promise<boolean> {
  const deleted = await auth(tx)
    .deleteFrom("auth_sessions")
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .returning("id")
    .executeTakeFirst();
  return deleted !== undefined;
}

export async function deleteSessions(tx: Tx, accountId: string): Promise<void> {
  await auth(tx).deleteFrom("auth_sessions").where("account_id", "=", accountId).execute();
}

/**
 * Ends the account's oldest sessions above the bound, to make room for one that is kept even when
 * the clocks of other nodes make it look old; answers their ids.
 */
export async function deleteSurplusSessions(
  tx: Tx,
  accountId: string,
  keptId: string,
): Promise<string[]> {
  const rows = await auth(tx)
    .deleteFrom("auth_sessions")
    .where("id", "in", (builder) =>
      builder
        .selectFrom("auth_sessions")
        .select("id")
        .where("account_id", "=", accountId)
        .where("id", "!=", keptId)
        .orderBy("id", "desc")
        .offset(SESSIONS_PER_ACCOUNT_MAX - 1),
    )
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** Ends sessions whose time is over; answers which. */
export async function deleteOverSessions(tx: Tx, nowMs: number, rowsMax: number) {
  const { rows } = await sql<{ id: string; account_id: string }>`
    delete from auth_sessions where id in (
      select id from auth_sessions
      where expires_at <= ${new Date(nowMs)}
        or last_seen_at <= ${new Date(nowMs - SESSION_IDLE_MS_MAX)}
      limit ${rowsMax}
      for update skip locked
    )
    returning id, account_id
  `.execute(auth(tx));
  return rows.map(({ id, account_id }) => ({ sessionId: id, accountId: account_id }));
}

export async function touchSession(tx: Tx, id: string, nowMs: number): Promise<void> {
  await touchSessions(tx, new Map([[id, nowMs]]));
}

/** Notes when sessions were last used; never turns a time back. */
export async function touchSessions(tx: Tx, seenAtMs: ReadonlyMap<string, number>): Promise<void> {
  const ids = [...seenAtMs.keys()];
  const times = [...seenAtMs.values()].map((ms) => new Date(ms));
  await sql`
    update auth_sessions as sessions set last_seen_at = seen.at
    from unnest(${ids}::uuid[], ${times}::timestamptz[]) as seen (id, at)
    where sessions.id = seen.id and sessions.last_seen_at < seen.at
  `.execute(auth(tx));
}

function toSession(row: Selectable<AuthTables["auth_sessions"]>): StoredSession {
  return {
    id: row.id,
    accountId: row.account_id,
    cookieSealed: row.cookie_sealed,
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at.getTime(),
    lastSeenAtMs: row.last_seen_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
  };
}

interface StandingRow {
  sessionId: string;
  accountId: string;
  operator: boolean;
  tokenEpoch: number;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
}

function toStanding({ created_at, last_seen_at, expires_at, ...rest }: StandingRow) {
  return {
    ...rest,
    signedInAtMs: created_at.getTime(),
    lastSeenAtMs: last_seen_at.getTime(),
    expiresAtMs: expires_at.getTime(),
  };
}
