/** How likely each fault is where it can happen: at a call, a message, a moment. */
export const WALLET_FAULTS = {
  /** A store does not answer, and nothing has happened. */
  storeLost: 0.05,
  /** A commit happened, and its answer is lost. */
  commitUnknown: 0.12,
  /** A commit happens after its answer was given up. */
  commitLate: 0.06,
  /** A ledger refuses a commit, for a reason of its own. */
  commitRefused: 0.05,
  /** A store takes long. */
  storeStalled: 0.03,
  /** A request or an answer between processes is lost. */
  netLost: 0.1,
  netDouble: 0.15,
  netDelay: 0.2,
  /** A text between processes does not arrive as it was sent. */
  netSpoilt: 0.1,
  /** An answer to a client is lost. */
  clientLost: 0.15,
  /** Word of news from node to node is lost. */
  newsLost: 0.5,
  /** A timer of a process fires late. */
  timerLate: 0.1,
  /** Each time the world is shaken: */
  nodeCrash: 0.3,
  nodePause: 0.3,
  /** A node is stopped as for an update, and killed before long. */
  nodeStop: 0.2,
  /** A process is started in the place of one that only hangs. */
  replaced: 0.1,
  shardCrash: 0.3,
  shardPause: 0.25,
  storeOutage: 0.15,
  cutOff: 0.25,
  wallJump: 0.3,
} as const;

export type WalletRates = Record<keyof typeof WALLET_FAULTS, number>;
