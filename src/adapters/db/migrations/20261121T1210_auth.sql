-- People and their ways in.

-- The keys are what names are compared by: Unicode's NFKC with the case folded, made by the program
-- because lower() depends on the database's locale.
create table auth_accounts (
  id uuid not null,
  number integer generated always as identity,
  username text,
  username_key text,
  email text,
  email_key text,
  email_confirmed boolean not null default false,
  display_name text not null,
  description text not null default '',
  operator boolean not null default false,
  password_hash text,
  -- Sealed. The last step whose code was accepted: no code of it or of an earlier one is again.
  totp_secret text,
  totp_last_step integer,
  recovery_salt bytea,
  -- An enrolment that waits for its first code.
  pending_totp_secret text,
  pending_totp_expires_at timestamptz,
  -- The challenge by which a candidate became this account.
  challenge_id uuid,
  -- Access tokens of an earlier epoch are void.
  token_epoch integer not null default 0,
  created_at timestamptz not null,
  constraint auth_accounts_pk primary key (id),
  constraint auth_accounts_number_unique unique (number),
  constraint auth_accounts_username_unique unique (username_key),
  constraint auth_accounts_email_unique unique (email_key),
  constraint auth_accounts_challenge_unique unique (challenge_id),
  constraint auth_accounts_named check (username is not null or email is not null),
  constraint auth_accounts_username_keyed check ((username is null) = (username_key is null)),
  constraint auth_accounts_email_keyed check ((email is null) = (email_key is null)),
  constraint auth_accounts_enterable check (password_hash is not null or totp_secret is not null)
);

-- A session's row is there as long as the session lives: ending it deletes the row.
create table auth_sessions (
  id uuid not null,
  account_id uuid not null,
  cookie_hash bytea not null,
  cookie_sealed text not null,
  address text not null,
  user_agent text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  constraint auth_sessions_pk primary key (id),
  constraint auth_sessions_cookie_unique unique (cookie_hash),
  constraint auth_sessions_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade
);

create index auth_sessions_account on auth_sessions (account_id);
create index auth_sessions_expires_at on auth_sessions (expires_at);
create index auth_sessions_last_seen_at on auth_sessions (last_seen_at);

-- A used token stays as long as its session, so that its reuse is recognised.
create table auth_refresh_tokens (
  token_hash bytea not null,
  session_id uuid not null,
  used_at timestamptz,
  successor_sealed text,
  constraint auth_refresh_tokens_pk primary key (token_hash),
  constraint auth_refresh_tokens_session_fk foreign key (session_id)
    references auth_sessions (id) on delete cascade,
  constraint auth_refresh_tokens_succeeded check ((used_at is null) = (successor_sealed is null))
);

create index auth_refresh_tokens_session on auth_refresh_tokens (session_id);

create table auth_recovery_codes (
  account_id uuid not null,
  code_hash bytea not null,
  constraint auth_recovery_codes_pk primary key (account_id, code_hash),
  constraint auth_recovery_codes_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade
);

-- Failed attempts of a lane: an account, an account from a network it is known in, a name that
-- nobody has, or a network.
create table auth_throttles (
  lane text not null,
  failures integer not null,
  last_at timestamptz not null,
  constraint auth_throttles_pk primary key (lane),
  constraint auth_throttles_counted check (failures >= 0)
);

create index auth_throttles_last_at on auth_throttles (last_at);

-- From where an account has signed in.
create table auth_places (
  account_id uuid not null,
  network text not null,
  user_agent text not null,
  seen_at timestamptz not null,
  constraint auth_places_pk primary key (account_id, network, user_agent),
  constraint auth_places_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade
);

create index auth_places_seen_at on auth_places (seen_at);

-- The links in mails. `email` is the address that the link proves.
create table auth_mail_tokens (
  token_hash bytea not null,
  account_id uuid not null,
  purpose text not null,
  email text not null,
  expires_at timestamptz not null,
  constraint auth_mail_tokens_pk primary key (token_hash),
  constraint auth_mail_tokens_one_each unique (account_id, purpose),
  constraint auth_mail_tokens_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade,
  constraint auth_mail_tokens_purpose_known
    check (purpose in ('confirm_email', 'change_email', 'reset_password'))
);

create index auth_mail_tokens_expires_at on auth_mail_tokens (expires_at);

-- Requests to reset a password, also for addresses that nobody has: all are written alike, and a
-- job looks afterwards whom they concern.
create table auth_reset_requests (
  email_key text not null,
  requested_at timestamptz not null,
  constraint auth_reset_requests_pk primary key (email_key)
);

create table auth_operator_tokens (
  token_hash bytea not null,
  expires_at timestamptz not null,
  constraint auth_operator_tokens_pk primary key (token_hash)
);

create table auth_security_events (
  id uuid not null,
  account_id uuid not null,
  kind text not null,
  address text not null,
  user_agent text not null,
  happened_at timestamptz not null,
  constraint auth_security_events_pk primary key (id),
  constraint auth_security_events_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade
);

create index auth_security_events_account on auth_security_events (account_id, id);
