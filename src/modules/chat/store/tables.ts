import type { Generated, Kysely } from "kysely";
import type { Tx } from "../../../core/database.ts";

/** The tables that the query builder is used on; `*_chat.sql` among the migrations has them all. */
export interface ChatTables {
  readonly chat_profiles: {
    account_id: string;
    hidden: Generated<boolean>;
    theme: Generated<"day" | "night">;
    magnification: Generated<number>;
    recents: Generated<string[]>;
    read_markers: Generated<boolean>;
    typing: Generated<boolean>;
  };
  readonly chat_account_keys: {
    account_id: string;
    version: number;
    identity_public_key: string;
    wraps_sealed: string;
  };
  readonly chat_encryption_keys: {
    conversation_id: string;
    account_id: string;
    version: number;
    public_key: string;
    private_key_sealed: string;
    signature: string;
    inserted_at: Date;
  };
  readonly chat_blocks: { account_id: string; blocked_id: string };
  readonly chat_reports: {
    id: string;
    conversation_id: string;
    message_group: string;
    sender_id: string;
    reporter_id: string;
    body_sealed: string;
    inserted_at: Date;
  };
}

export function chat(tx: Tx): Kysely<ChatTables> {
  return tx.as<ChatTables>();
}
