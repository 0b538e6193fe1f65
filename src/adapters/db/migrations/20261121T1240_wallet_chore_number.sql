-- The order of chores. Each has a number of its own among those of transfers, by which its shard
-- knows what it has carried out before.
alter table wallet_chores
  add column number bigint not null default nextval('wallet_transfer_ids');

-- Those of one shard in their order: what waits for one that is away holds up no other.
drop index wallet_chores_open;
create index wallet_chores_open on wallet_chores (shard, number) where done_at is null;
