-- Tests that run: where, under which key, as designed, who ended them and why; who was given which
-- variation, what became of them, and the sums that results are made of (docs/experiments.md).
-- Tables of a site are derived: exposures from the journal, the rest from them and events_log.
-- DuckDB: a key of one number for exposures, which are written all the time; a column that is added
-- cannot be told to be not null.

alter table ab_tests add column site_id varchar;

alter table ab_tests add column test_key varchar;

alter table ab_tests add column design json default '{}';

alter table ab_tests add column started_at timestamptz;

alter table ab_tests add column ended_at timestamptz;

alter table ab_tests add column decided_by varchar;

alter table ab_tests add column decision json default '{}';

alter table ab_tests add column weights json default '[]';

create table test_exposure (
  site_id varchar not null,
  unit_id bigint primary key,
  test_key varchar not null,
  visitor_id varchar not null,
  variation_id varchar not null,
  first_at timestamptz not null,
  attributes json not null,
  propensity double not null,
  exposures bigint not null,
  is_mixed boolean not null,
  changed_position bigint not null
);

create table test_unit (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  variation_id varchar not null,
  cohort_day date not null,
  attributes json not null
);

create table test_unit_metric (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  metric varchar not null,
  after_value double not null,
  after_denominator double not null,
  before_value double not null,
  before_denominator double not null
);

create table test_statistic (
  site_id varchar not null,
  test_id uuid not null,
  generation bigint not null,
  metric varchar not null,
  variation_id varchar not null,
  dimension varchar not null,
  dimension_value varchar not null,
  cohort_day date not null,
  units double not null,
  y double not null,
  yy double not null,
  d double not null,
  dd double not null,
  yd double not null,
  x double not null,
  xx double not null,
  e double not null,
  ee double not null,
  xe double not null,
  yx double not null,
  de double not null,
  ye double not null,
  xd double not null
);

create table test_refresh (
  site_id varchar not null,
  test_id uuid not null,
  position bigint not null,
  generation bigint not null,
  mixed_units bigint not null,
  refreshed_at timestamptz not null,
  primary key (site_id, test_id)
);

create table test_scope (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  is_fresh boolean not null
);
