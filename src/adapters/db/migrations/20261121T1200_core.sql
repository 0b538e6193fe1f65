-- What the floor itself keeps: event log, repeated calls, mail queue.

create table stoa_meta (
  key text not null,
  value text not null,
  constraint stoa_meta_pk primary key (key)
);

-- The newest offset of each topic. A row is updated with every event, in place where the page has
-- room, and never deleted: offsets go on where they were even when all events are trimmed.
create table stoa_topics (
  topic text not null,
  "offset" bigint not null,
  constraint stoa_topics_pk primary key (topic),
  constraint stoa_topics_offset_positive check ("offset" > 0)
) with (fillfactor = 50);

-- json keeps the order of keys, which jsonb does not.
create table stoa_events (
  topic text not null,
  "offset" bigint not null,
  type text not null,
  data json not null,
  recorded_at timestamptz not null,
  constraint stoa_events_pk primary key (topic, "offset")
);

create index stoa_events_recorded_at on stoa_events (recorded_at);

-- The answer is null only within the transaction that claims the key.
create table stoa_repeats (
  key text not null,
  fingerprint text not null,
  answer text,
  expires_at timestamptz not null,
  constraint stoa_repeats_pk primary key (key)
);

create index stoa_repeats_expires_at on stoa_repeats (expires_at);

create table stoa_mails (
  id uuid not null,
  recipient text not null,
  subject text not null,
  text text not null,
  state text not null default 'queued',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  last_error text,
  created_at timestamptz not null,
  constraint stoa_mails_pk primary key (id),
  constraint stoa_mails_state_known check (state in ('queued', 'failed')),
  constraint stoa_mails_attempts_counted check (attempts >= 0)
);

create index stoa_mails_due on stoa_mails (next_attempt_at) where state = 'queued';
