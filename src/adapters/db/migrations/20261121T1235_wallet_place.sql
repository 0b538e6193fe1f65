-- In the database of a shard that is a process of its own: which one of how many it is. Fixed when
-- an orchestrator first takes it, because where a wallet lives follows from both numbers.
create table wallet_place (
  only_row boolean not null default true,
  shard smallint not null,
  shards smallint not null,
  constraint wallet_place_pk primary key (only_row),
  constraint wallet_place_one check (only_row),
  constraint wallet_place_among check (shard >= 0 and shard < shards)
);
