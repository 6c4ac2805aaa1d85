-- Places on a site that are filled with one of an account's templates (docs/content.md).

create table content_slot (
  site_id varchar(100) not null,
  slot_key varchar(100) not null,
  user_id bigint not null,
  templates json not null,
  policy varchar(30) not null,
  floor_share double not null,
  holdout_share double not null,
  is_enabled boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (site_id, slot_key)
);
