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
  -- How many there are, so that nobody has to count them.
  wallets bigint not null default 0,
  entries bigint not null default 0,
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
  -- No older transfer is unfinished but open holds: where looking for them begins.
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

-- Holds whose money is held, and when the leader has to look at each: at its deadline, or at once
-- (0) when it is decided. Until then nobody has them in memory. Beside the journal, so that
-- transfers, which are the many, touch no index of it.
create table wallet_open_holds (
  transfer bigint not null,
  due_ms bigint not null,
  constraint wallet_open_holds_pk primary key (transfer)
);

create index wallet_open_holds_due on wallet_open_holds (due_ms);

-- Which transfer takes another one's effect back. Beside the journal, so that deciding a transfer
-- touches no index.
create table wallet_reversals (
  original bigint not null,
  reversal bigint not null,
  constraint wallet_reversals_pk primary key (original)
);

-- Transfers that have ended and whose end the operator's webhook has not taken yet, in the order in
-- which they ended. Empty without a webhook.
create table wallet_outbox (
  place bigint not null generated always as identity,
  transfer bigint not null,
  constraint wallet_outbox_pk primary key (place)
);

-- Writing a batch is one call, with the rows of each table as arrays. Statements inside are planned
-- once a connection, perhaps while the tables are still empty: they may only ever use indexes.

-- One commit of a shard: nothing happens when another epoch or another batch came first, and an
-- exception takes everything back when a row is not in the state the shard has it in.
create function wallet_commit_batch(
  of_shard smallint, of_epoch bigint, after_batch bigint,
  new_batch bigint, new_head text, new_at_ms bigint, new_reserved_from bigint,
  made_wallet text[], made_asset text[], made_state text[], made_posted bigint[],
  made_held bigint[], made_min_balance bigint[], made_version integer[],
  begun_transfer bigint[], begun_is_credit boolean[], begun_peer smallint[], begun_state text[],
  begun_wallet text[], begun_asset text[], begun_amount bigint[], begun_posted_amount bigint[],
  begun_refusal text[],
  ended_transfer bigint[], ended_is_credit boolean[], ended_state text[],
  ended_posted_amount bigint[],
  changed_wallet text[], changed_state text[], changed_posted bigint[], changed_held bigint[],
  changed_min_balance bigint[], changed_version integer[], changed_version_before integer[],
  entry_wallet text[], entry_version integer[], entry_transfer bigint[], entry_amount bigint[],
  entry_balance_after bigint[], entry_at_ms bigint[],
  cleared_peer smallint[], cleared_asset text[], cleared_balance bigint[]
) returns boolean language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
  found_rows bigint;
begin
  update wallet_shards set batch = new_batch, head = new_head, at_ms = new_at_ms,
    reserved_from = new_reserved_from, wallets = wallets + cardinality(made_wallet),
    entries = entries + cardinality(entry_wallet)
  where shard = of_shard and epoch = of_epoch and batch = after_batch;
  if not found then return false; end if;

  if cardinality(made_wallet) > 0 then
    insert into wallet_accounts
      (shard, wallet, asset, state, posted, held, min_balance, version)
    select of_shard, * from unnest(made_wallet, made_asset, made_state, made_posted, made_held,
      made_min_balance, made_version);
  end if;

  if cardinality(begun_transfer) > 0 then
    insert into wallet_legs (shard, transfer, is_credit, peer, state, wallet, asset, amount,
      posted_amount, refusal)
    select of_shard, * from unnest(begun_transfer, begun_is_credit, begun_peer, begun_state,
      begun_wallet, begun_asset, begun_amount, begun_posted_amount, begun_refusal);
  end if;

  if cardinality(ended_transfer) > 0 then
    update wallet_legs as legs set state = given.state, posted_amount = given.posted_amount
    from unnest(ended_transfer, ended_is_credit, ended_state, ended_posted_amount)
      as given (transfer, is_credit, state, posted_amount)
    where legs.transfer = given.transfer and legs.is_credit = given.is_credit
      and legs.state = 'reserved';
    get diagnostics found_rows = row_count;
    if found_rows <> cardinality(ended_transfer) then
      raise exception 'Legs are not in the state the shard has them in.'
        using errcode = 'assert_failure';
    end if;
  end if;

  if cardinality(changed_wallet) > 0 then
    update wallet_accounts as accounts set state = given.state, posted = given.posted,
      held = given.held, min_balance = given.min_balance, version = given.version
    from unnest(changed_wallet, changed_state, changed_posted, changed_held, changed_min_balance,
        changed_version, changed_version_before)
      as given (wallet, state, posted, held, min_balance, version, version_before)
    where accounts.wallet = given.wallet and accounts.version = given.version_before;
    get diagnostics found_rows = row_count;
    if found_rows <> cardinality(changed_wallet) then
      raise exception 'Wallets are not in the state the shard has them in.'
        using errcode = 'assert_failure';
    end if;
  end if;

  if cardinality(entry_wallet) > 0 then
    insert into wallet_entries
      (shard, batch, wallet, version, transfer, amount, balance_after, at_ms, place)
    select of_shard, new_batch, given.* from unnest(entry_wallet, entry_version, entry_transfer,
      entry_amount, entry_balance_after, entry_at_ms) with ordinality as given;
    insert into wallet_batches (shard, batch, epoch, head, entries, at_ms)
    values (of_shard, new_batch, of_epoch, new_head, cardinality(entry_wallet), new_at_ms);
  end if;

  if cardinality(cleared_peer) > 0 then
    insert into wallet_clearing as known (shard, peer, asset, balance)
    select of_shard, * from unnest(cleared_peer, cleared_asset, cleared_balance)
    on conflict (shard, peer, asset) do update set balance = excluded.balance;
  end if;
  return true;
end
$$;

-- How transfers go on, while nobody is to hear of it. A decision that is there already stays.
--
-- Returns the number of transfers that were written; none when another one leads, or somebody
-- follows a wallet. The cluster's row is shared: whoever wants to lead, or to hear of changes,
-- waits for this commit.
create function wallet_record(
  of_epoch bigint, of_interest bigint, for_outbox boolean,
  given_id bigint[], given_held_ms bigint[], given_decision text[], given_code text[],
  given_finished_ms bigint[],
  known_shard smallint[], known_batch bigint[], known_head text[]
) returns bigint language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
  found_rows bigint;
begin
  perform from wallet_cluster where epoch = of_epoch and interest = of_interest for share;
  if not found then return 0; end if;

  if for_outbox then
    insert into wallet_outbox (transfer)
    select transfers.id
    from unnest(given_id, given_decision, given_finished_ms) with ordinality
        as given (id, decision, finished_ms, place)
      join wallet_transfers as transfers on transfers.id = given.id
    where (given.decision = 'abort' and transfers.decision is null)
      or (given.finished_ms is not null and transfers.finished_ms is null
        and coalesce(transfers.decision, given.decision) = 'commit')
    order by given.place
    -- Who decides a hold at the same time is waited for, and then what he has decided counts.
    for update of transfers;
  end if;

  update wallet_transfers as transfers set
    held_ms = coalesce(transfers.held_ms, given.held_ms),
    decision = coalesce(transfers.decision, given.decision),
    code = case when transfers.decision is null then given.code else transfers.code end,
    finished_ms = coalesce(transfers.finished_ms, given.finished_ms)
  from unnest(given_id, given_held_ms, given_decision, given_code, given_finished_ms)
    as given (id, held_ms, decision, code, finished_ms)
  where transfers.id = given.id and (
    -- What is decided is not held any more, and not decided otherwise.
    transfers.decision is null or transfers.decision = given.decision
    or (given.decision is null and given.held_ms is null)
  );
  get diagnostics found_rows = row_count;

  if cardinality(array_remove(given_held_ms, null)) > 0 then
    insert into wallet_open_holds (transfer, due_ms)
    select id, case when decision is null then deadline_ms else 0 end
    from wallet_transfers
    where id = any (given_id) and held_ms is not null and finished_ms is null
    on conflict do nothing;
  end if;
  if exists (select from wallet_open_holds) then
    update wallet_open_holds as holds set due_ms = 0 from wallet_transfers as transfers
    where holds.transfer = any (given_id) and transfers.id = holds.transfer
      and transfers.decision is not null;
    delete from wallet_open_holds as holds using wallet_transfers as transfers
    where holds.transfer = any (given_id) and transfers.id = holds.transfer
      and transfers.finished_ms is not null;
  end if;

  insert into wallet_known_positions as known (shard, batch, head)
  select * from unnest(known_shard, known_batch, known_head)
  on conflict (shard) do update set batch = excluded.batch, head = excluded.head
  where known.batch < excluded.batch;
  return found_rows;
end
$$;
