-- What a catalogue says of a product besides name and price, and the records that Gorse's API
-- lists: users, feedback, and a site's rules for them (docs/gorse.md). Labels are kept as sent, so
-- they are json and not jsonb, which orders members and rewrites numbers. Lists go by bytes, as ids do.

alter table product
  add column categories json,
  add column labels json,
  add column comment text,
  add column published_at timestamptz,
  add column deleted_at timestamptz;

create table gorse_site (
  site_id varchar(100) primary key,
  feedback_kinds jsonb not null,
  unknown_ids varchar(20) not null default 'create',
  updated_at timestamptz not null,
  constraint gorse_site_unknown_ids_check check (unknown_ids in ('create', 'reject'))
);

create table gorse_user (
  site_id varchar(100) not null,
  user_id varchar(255) collate "C" not null,
  labels json,
  comment text not null default '',
  deleted_at timestamptz,
  updated_at timestamptz not null,
  primary key (site_id, user_id)
);

create table gorse_feedback (
  site_id varchar(100) not null,
  user_id varchar(255) collate "C" not null,
  item_id varchar(255) collate "C" not null,
  feedback_type varchar(255) collate "C" not null,
  value double precision not null,
  given_at timestamptz not null,
  labels json,
  comment text not null default '',
  updated_at timestamptz not null,
  primary key (site_id, user_id, item_id, feedback_type)
);

create index idx_gorse_feedback_item on gorse_feedback (site_id, item_id);

create index idx_gorse_feedback_type
  on gorse_feedback (site_id, feedback_type, user_id, item_id);

select attune_protect('gorse_site', 'site_id');

select attune_protect('gorse_user', 'site_id');

select attune_protect('gorse_feedback', 'site_id');
