-- Where on a site something is recommended, and the rules of its owner (docs/placements.md). The
-- definitions are what the API was given, checked.

create table placement (
  site_id varchar(100) not null,
  name varchar(100) not null,
  definition json not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (site_id, name)
);

create table placement_rule (
  site_id varchar(100) not null,
  id uuid not null,
  definition json not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (site_id, id)
);
