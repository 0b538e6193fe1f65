-- Money across shards: the ledger of each shard, and the journal of transfers between them. The
-- tables of all shards that this database keeps are the same ones, told apart by `shard`.
-- Amounts are in the asset's smallest unit.

create table wallet_shards (
  shard smallint not null,
  -- Whose commits count: those of lower epochs fail.
  epoch bigint not null,
  -- Grows with each commit, so that no two writers can follow the same one.
  batch bigint not null,
  head text not null,
  at_ms bigint not null,
  -- No leg of an older transfer is reserved: where looking for them begins.
  reserved_from bigint not null,
  constraint wallet_shards_pk primary key (shard)
) with (fillfactor = 50);

create table wallet_accounts (
  wallet text collate "C" not null,
  shard smallint not null,
  asset text not null,
  state text not null,
  posted bigint not null,
  held bigint not null,
  min_balance bigint not null,
  version integer not null,
  constraint wallet_accounts_pk primary key (wallet),
  constraint wallet_accounts_state_known check (state in ('open', 'frozen', 'closed')),
  constraint wallet_accounts_held_positive check (held >= 0),
  constraint wallet_accounts_covered check (posted - held >= min_balance)
) with (fillfactor = 70);

-- One side of a transfer each. A leg is reserved, and then posted or voided once; or refused.
create table wallet_legs (
  transfer bigint not null,
  is_credit boolean not null,
  shard smallint not null,
  peer smallint,
  state text not null,
  wallet text,
  asset text,
  amount bigint not null,
  posted_amount bigint,
  refusal text,
  constraint wallet_legs_pk primary key (transfer, is_credit),
  constraint wallet_legs_state_known
    check (state in ('reserved', 'posted', 'voided', 'refused')),
  constraint wallet_legs_posted check ((state = 'posted') = (posted_amount is not null))
) with (fillfactor = 80);

-- Takes a statement back that has not found what it was to change.
create function wallet_assert(holds boolean, sentence text) returns void language plpgsql as $$
begin
  if not holds then raise exception '%', sentence using errcode = 'assert_failure'; end if;
end
$$;

-- What has happened to wallets, line by line. Nothing is ever changed or taken away.
create table wallet_entries (
  wallet text collate "C" not null,
  version integer not null,
  shard smallint not null,
  batch bigint not null,
  place smallint not null,
  transfer bigint not null,
  amount bigint not null,
  balance_after bigint not null,
  at_ms bigint not null,
  constraint wallet_entries_pk primary key (wallet, version)
);

-- Entries are appended batch by batch, so that a few bytes a block of pages find those of a batch.
create index wallet_entries_batch on wallet_entries using brin (batch) with (pages_per_range = 16);

create function wallet_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Entries of the ledger are never changed.' using errcode = 'restrict_violation';
end
$$;

create trigger wallet_entries_append_only before update or delete or truncate on wallet_entries
  for each statement execute function wallet_refuse_change();

-- The hash of all entries of a shard up to a batch that has some.
create table wallet_batches (
  shard smallint not null,
  batch bigint not null,
  epoch bigint not null,
  head text not null,
  entries integer not null,
  at_ms bigint not null,
  constraint wallet_batches_pk primary key (shard, batch)
);

create table wallet_clearing (
  shard smallint not null,
  peer smallint not null,
  asset text not null,
  balance bigint not null,
  constraint wallet_clearing_pk primary key (shard, peer, asset)
) with (fillfactor = 50);

-- The orchestrators' side. One row: who leads, and over how many shards.
create table wallet_cluster (
  only_row boolean not null default true,
  shards smallint not null,
  epoch bigint not null,
  leader text,
  lease_until_ms bigint not null,
  -- No older transfer is unfinished: where looking for them begins.
  unfinished_from bigint not null,
  -- Grows when somebody begins to follow a wallet.
  interest bigint not null,
  constraint wallet_cluster_pk primary key (only_row),
  constraint wallet_cluster_one check (only_row)
) with (fillfactor = 50);

-- Where each shard stood when it was last heard of.
create table wallet_known_positions (
  shard smallint not null,
  batch bigint not null,
  head text not null,
  constraint wallet_known_positions_pk primary key (shard)
) with (fillfactor = 50);

create table wallet_assets (
  code text collate "C" not null,
  name text not null,
  scale smallint not null,
  constraint wallet_assets_pk primary key (code),
  constraint wallet_assets_scale_range check (scale between 0 and 12)
);

insert into wallet_assets (code, name, scale) values ('COIN', 'Coins', 2);

create table wallet_directory (
  wallet text collate "C" not null,
  owner uuid not null,
  asset text not null,
  shard smallint not null,
  name text not null default '',
  created_at timestamptz not null,
  constraint wallet_directory_pk primary key (wallet),
  constraint wallet_directory_asset_fk foreign key (asset) references wallet_assets (code)
);

create index wallet_directory_owner on wallet_directory (owner, created_at);

-- What a shard shall do beside transfers: open a wallet, freeze it, change its limit. Whoever leads
-- carries it there, and the answer stays for whoever asked, on whatever node.
create table wallet_chores (
  id uuid not null,
  shard smallint not null,
  operation json not null,
  created_at timestamptz not null,
  done_at timestamptz,
  -- Null when it was done, else why not.
  refusal text,
  constraint wallet_chores_pk primary key (id)
);

create index wallet_chores_open on wallet_chores (created_at) where done_at is null;

-- Whose changes are written down for those who follow them; see `wallet_cluster.interest`.
create table wallet_interest (
  wallet text collate "C" not null,
  until_ms bigint not null,
  constraint wallet_interest_pk primary key (wallet)
);

create sequence wallet_transfer_ids as bigint;

-- The journal: what was accepted, what was decided, and how it ended.
create table wallet_transfers (
  id bigint not null,
  kind text not null,
  -- Who asked for it.
  owner uuid not null,
  repeat_key text,
  request_hash text,
  -- The first of those that are decided together; null when it is decided alone.
  bundle bigint,
  from_wallet text collate "C" not null,
  to_wallet text collate "C" not null,
  from_shard smallint not null,
  to_shard smallint not null,
  asset text not null,
  amount bigint not null,
  memo text,
  -- The transfer whose effect this one takes back.
  reverses bigint,
  -- When it is given up unless it is decided.
  deadline_ms bigint not null,
  initiated_ms bigint not null,
  -- Set for a hold whose money is held.
  held_ms bigint,
  decision text,
  -- Why it was given up.
  code text,
  -- What of the amount was taken; null for all of it.
  captured bigint,
  finished_ms bigint,
  constraint wallet_transfers_pk primary key (id),
  constraint wallet_transfers_kind_known check (kind in ('transfer', 'hold', 'issue', 'reversal')),
  constraint wallet_transfers_amount_positive check (amount > 0),
  constraint wallet_transfers_decision_known check (decision in ('commit', 'abort')),
  constraint wallet_transfers_finished_decided check (finished_ms is null or decision is not null)
) with (fillfactor = 60);

create index wallet_transfers_from on wallet_transfers (from_wallet, id);
create index wallet_transfers_to on wallet_transfers (to_wallet, id);
create unique index wallet_transfers_repeat on wallet_transfers (owner, repeat_key)
  where repeat_key is not null;

-- Which transfer takes another one's effect back. Beside the journal, so that deciding a transfer
-- touches no index.
create table wallet_reversals (
  original bigint not null,
  reversal bigint not null,
  constraint wallet_reversals_pk primary key (original)
);
