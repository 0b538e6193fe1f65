import type { GeneratedAlways, Kysely } from "kysely";
import type { Tx } from "../../../core/database.ts";
import type { MailPurpose, SecurityEvent } from "../types.ts";

/** The tables of the migration `auth`, as the query builder sees them. */
export interface AuthTables {
  auth_accounts: {
    id: string;
    number: GeneratedAlways<number>;
    username: string | null;
    username_key: string | null;
    email: string | null;
    email_key: string | null;
    email_confirmed: boolean;
    display_name: string;
    description: string;
    operator: boolean;
    password_hash: string | null;
    totp_secret: string | null;
    totp_last_step: number | null;
    recovery_salt: Buffer | null;
    pending_totp_secret: string | null;
    pending_totp_expires_at: Date | null;
    challenge_id: string | null;
    token_epoch: number;
    created_at: Date;
  };
  auth_sessions: {
    id: string;
    account_id: string;
    cookie_hash: Buffer;
    cookie_sealed: string;
    address: string;
    user_agent: string;
    created_at: Date;
    last_seen_at: Date;
    expires_at: Date;
  };
  auth_refresh_tokens: {
    token_hash: Buffer;
    session_id: string;
    used_at: Date | null;
    successor_sealed: string | null;
  };
  auth_recovery_codes: { account_id: string; code_hash: Buffer };
  auth_throttles: { lane: string; failures: number; last_at: Date };
  auth_places: { account_id: string; network: string; user_agent: string; seen_at: Date };
  auth_mail_tokens: {
    token_hash: Buffer;
    account_id: string;
    purpose: MailPurpose;
    email: string;
    expires_at: Date;
  };
  auth_reset_requests: { email_key: string; requested_at: Date };
  auth_email_undos: {
    token_hash: Buffer;
    account_id: string;
    email: string;
    created_at: Date;
    expires_at: Date;
  };
  auth_operator_tokens: { token_hash: Buffer; expires_at: Date };
  auth_security_events: {
    id: string;
    account_id: string;
    kind: SecurityEvent["kind"];
    address: string;
    user_agent: string;
    happened_at: Date;
  };
}

export function auth(tx: Tx): Kysely<AuthTables> {
  return tx.as<AuthTables>();
}
