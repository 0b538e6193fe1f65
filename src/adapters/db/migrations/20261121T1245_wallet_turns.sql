-- Which transfers are decided together. Most are alone, and are not in it.
create index wallet_transfers_bundle on wallet_transfers (bundle, id) where bundle is not null;

-- The newest transfer that was written into the journal. Whoever writes others moves it on in the
-- same transaction, and so waits for whoever is writing: numbers of transfers become visible in
-- their order, on which pages of a wallet's transactions rest.
create table wallet_turns (
  only_row boolean not null default true,
  newest bigint not null,
  constraint wallet_turns_pk primary key (only_row),
  constraint wallet_turns_one check (only_row)
) with (fillfactor = 50);

insert into wallet_turns (newest) select coalesce(max(id), 0) from wallet_transfers;
