import type { Clock } from "./core/clock.ts";
import type { EventLog } from "./core/event-log.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Mailer } from "./core/mailer.ts";
import type { Module } from "./core/module.ts";
import type { Random } from "./core/random.ts";
import type { UnitOfWork } from "./core/unit-of-work.ts";
import type { Vault } from "./core/vault.ts";
import { type Auth, createAuth } from "./modules/auth/index.ts";
import { createChat } from "./modules/chat/index.ts";
import { createCinema } from "./modules/cinema/index.ts";
import { createWallet, type ShardAccess, type WebhookPlace } from "./modules/wallet/index.ts";

/** What modules are built from. */
export interface ModuleParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
  readonly vault: Vault;
  readonly mailer: Mailer;
  readonly eventLog: EventLog;
  /** Known once the modules are registered: a module calls it while it works, not before. */
  readonly work: () => UnitOfWork;
  readonly tokenSecret: Uint8Array;
  readonly tagSecret: Uint8Array;
  /** The page that links in mails lead to, without a trailing slash. */
  readonly frontendUrl: () => string;
  readonly production: boolean;
  /** Where wallets live, in the order of their numbers. */
  readonly shards: readonly ShardAccess[];
  /** Whether no other process can use the database. */
  readonly isAlone: boolean;
  /** Where the operator wants to be told how transfers end. */
  readonly webhook: WebhookPlace | undefined;
}

export const MODULE_NAMES = ["auth", "chat", "cinema", "wallet"] as const;

export interface Modules {
  readonly auth: Auth;
  readonly all: readonly Module[];
}

/** Builds every module, the ones others lean on first. */
export function createModules(parts: ModuleParts): Modules {
  const auth = createAuth(parts);
  const chat = createChat({ ...parts, pageSecret: parts.tagSecret }, auth.methods);
  const cinema = createCinema(parts);
  const wallet = createWallet(parts, auth.demoAccounts);
  return { auth, all: [auth, chat, cinema, wallet] };
}
