-- A permit to change the address, mailed to the present one, and the way back from the change.

alter table auth_mail_tokens drop constraint auth_mail_tokens_purpose_known;
alter table auth_mail_tokens add constraint auth_mail_tokens_purpose_known
  check (purpose in ('confirm_email', 'change_email', 'reset_password', 'permit_email'));

-- The links to the addresses that accounts had before. They outlive changes of password and further
-- changes of the address: whoever took an account over could make those.
create table auth_email_undos (
  token_hash bytea not null,
  account_id uuid not null,
  -- The address that comes back.
  email text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint auth_email_undos_pk primary key (token_hash),
  constraint auth_email_undos_account_fk foreign key (account_id)
    references auth_accounts (id) on delete cascade
);

create index auth_email_undos_account on auth_email_undos (account_id);
create index auth_email_undos_expires_at on auth_email_undos (expires_at);
