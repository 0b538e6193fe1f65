/** Which shard a wallet lives on: its id modulo their number, as the document has it. */
export function shardOf(walletId: string, shards: number): number {
  return Number(BigInt(walletId) % BigInt(shards));
}
