-- Conversations that only their members can read: what is kept of a message is ciphertext. People
-- are rows of another module, so nothing refers to them.

-- Who has no row has everything as it is by default.
create table chat_profiles (
  account_id uuid not null,
  hidden boolean not null default false,
  theme text not null default 'day',
  magnification double precision not null default 1,
  recents text[] not null default '{}',
  read_markers boolean not null default true,
  typing boolean not null default true,
  constraint chat_profiles_pk primary key (account_id),
  constraint chat_profiles_theme_known check (theme in ('day', 'night'))
);

-- The wraps were wrapped by the client and are sealed once more, as a JSON array.
create table chat_account_keys (
  account_id uuid not null,
  version integer not null,
  identity_public_key text not null,
  wraps_sealed text not null,
  constraint chat_account_keys_pk primary key (account_id)
);

create table chat_conversations (
  id uuid not null,
  private boolean not null,
  -- The two of a private conversation, in the order of their ids.
  first_id uuid,
  second_id uuid,
  alias text,
  -- Raised when members come or go.
  epoch integer not null default 1,
  -- Raised whenever something changes that decides whether a message may be sent.
  revision integer not null default 1,
  -- Whether each member has a key.
  ready boolean not null default false,
  disappearing_seconds integer,
  -- Messages and their changes are counted together.
  last_sequence bigint not null default 0,
  last_changed bigint not null default 0,
  inserted_at timestamptz not null,
  updated_at timestamptz not null,
  constraint chat_conversations_pk primary key (id),
  constraint chat_conversations_pair_unique unique (first_id, second_id),
  constraint chat_conversations_pair_shape check (
    case when private
      then first_id is not null and second_id is not null and first_id < second_id
        and alias is null
      else first_id is null and second_id is null
    end
  )
) with (fillfactor = 70);

-- One row a stay: who comes back has another one. `key_prefix` is what every ciphertext for the
-- member's present key begins with; null until there is one.
create table chat_members (
  conversation_id uuid not null,
  account_id uuid not null,
  epoch_joined integer not null,
  epoch_left integer,
  owner boolean not null default false,
  key_version integer,
  key_prefix text,
  read_sequence bigint not null default 0,
  read_group uuid,
  constraint chat_members_pk primary key (conversation_id, account_id, epoch_joined),
  constraint chat_members_conversation_fk
    foreign key (conversation_id) references chat_conversations (id),
  constraint chat_members_stay check (epoch_left > epoch_joined),
  constraint chat_members_keyed check ((key_version is null) = (key_prefix is null))
) with (fillfactor = 70);

create unique index chat_members_present on chat_members (conversation_id, account_id)
  where epoch_left is null;
create index chat_members_account on chat_members (account_id) where epoch_left is null;

-- Every pair of keys that a member has had. The private one was wrapped by the client and is sealed
-- once more.
create table chat_encryption_keys (
  conversation_id uuid not null,
  account_id uuid not null,
  version integer not null,
  public_key text not null,
  private_key_sealed text not null,
  signature text not null,
  inserted_at timestamptz not null,
  constraint chat_encryption_keys_pk primary key (conversation_id, account_id, version),
  constraint chat_encryption_keys_conversation_fk
    foreign key (conversation_id) references chat_conversations (id)
);

-- What is the same in every copy of a message. `digest` tells a repeat of the request from another
-- one under the same id. Nothing refers to a conversation here: none is ever deleted, and each of
-- these rows is written while its conversation is locked.
create table chat_message_groups (
  conversation_id uuid not null,
  id uuid not null,
  sequence bigint not null,
  changed bigint not null,
  sender_id uuid not null,
  epoch integer not null,
  commitment text not null,
  edit integer not null default 0,
  digest bytea not null,
  deleted boolean not null default false,
  inserted_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz,
  constraint chat_message_groups_pk primary key (conversation_id, id),
  constraint chat_message_groups_sequence_unique unique (conversation_id, sequence)
);

create index chat_message_groups_changed on chat_message_groups (conversation_id, changed)
  where changed > sequence;
create index chat_message_groups_expires_at on chat_message_groups (expires_at)
  where expires_at is not null;

-- One row a recipient, in the order in which they are read. Ciphertext cannot be compressed.
create table chat_messages (
  conversation_id uuid not null,
  recipient_id uuid not null,
  sequence bigint not null,
  id uuid not null,
  key_version integer not null,
  -- Empty once the message was deleted.
  content text not null,
  constraint chat_messages_pk primary key (conversation_id, recipient_id, sequence)
);

alter table chat_messages alter column content set storage external;

create table chat_blocks (
  account_id uuid not null,
  blocked_id uuid not null,
  constraint chat_blocks_pk primary key (account_id, blocked_id)
);

create index chat_blocks_blocked on chat_blocks (blocked_id);

-- What was said, sealed; the commitment has proved it.
create table chat_reports (
  id uuid not null,
  conversation_id uuid not null,
  message_group uuid not null,
  sender_id uuid not null,
  reporter_id uuid not null,
  body_sealed text not null,
  inserted_at timestamptz not null,
  constraint chat_reports_pk primary key (id),
  constraint chat_reports_once unique (reporter_id, conversation_id, message_group)
);

-- Files, encrypted by the client chunk by chunk.
create table chat_attachments (
  id uuid not null,
  conversation_id uuid not null,
  account_id uuid not null,
  chunks integer not null,
  size bigint not null,
  inserted_at timestamptz not null,
  expires_at timestamptz,
  constraint chat_attachments_pk primary key (id),
  constraint chat_attachments_conversation_fk
    foreign key (conversation_id) references chat_conversations (id)
);

create index chat_attachments_account on chat_attachments (account_id);
create index chat_attachments_expires_at on chat_attachments (expires_at)
  where expires_at is not null;

create table chat_attachment_chunks (
  attachment_id uuid not null,
  chunk integer not null,
  content bytea not null,
  constraint chat_attachment_chunks_pk primary key (attachment_id, chunk),
  constraint chat_attachment_chunks_attachment_fk
    foreign key (attachment_id) references chat_attachments (id) on delete cascade
);

alter table chat_attachment_chunks alter column content set storage external;
