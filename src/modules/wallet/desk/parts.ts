import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { Log } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { Remote } from "../../../core/remote.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import type { ShardLink } from "../shard/protocol.ts";
import type { LedgerReader } from "../shard/reader.ts";

export interface WebhookPlace {
  readonly remote: Remote;
  /** Signs what is sent. */
  readonly secret: string;
}

/** A shard as the module reaches it, wherever it runs. */
export interface ShardAccess {
  readonly link: ShardLink;
  readonly reader: LedgerReader;
}

export interface WalletParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
  readonly work: () => UnitOfWork;
  readonly shards: readonly ShardAccess[];
  readonly production: boolean;
  /** Whether this process alone can use the database; a second node could else be there. */
  readonly isAlone?: boolean;
  /** Where the operator wants to be told how transfers end; undefined for nowhere. */
  readonly webhook?: WebhookPlace | undefined;
}
