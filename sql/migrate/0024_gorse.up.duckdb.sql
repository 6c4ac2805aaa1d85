-- What a catalogue says of a product besides name and price, and the records that Gorse's API
-- lists: users, feedback, and a site's rules for them (docs/gorse.md). Labels are kept as sent.

alter table product add column categories json;

alter table product add column labels json;

alter table product add column comment varchar;

alter table product add column published_at timestamptz;

alter table product add column deleted_at timestamptz;

create table gorse_site (
  site_id varchar primary key,
  feedback_kinds json not null,
  unknown_ids varchar not null default 'create',
  updated_at timestamptz not null,
  check (unknown_ids in ('create', 'reject'))
);

create table gorse_user (
  site_id varchar not null,
  user_id varchar not null,
  labels json,
  comment varchar not null default '',
  deleted_at timestamptz,
  updated_at timestamptz not null,
  primary key (site_id, user_id)
);

create table gorse_feedback (
  site_id varchar not null,
  user_id varchar not null,
  item_id varchar not null,
  feedback_type varchar not null,
  value double not null,
  given_at timestamptz not null,
  labels json,
  comment varchar not null default '',
  updated_at timestamptz not null,
  primary key (site_id, user_id, item_id, feedback_type)
);
