-- Tests that run: where, under which key, as designed, who ended them and why; who was given which
-- variation, what became of them, and the sums that results are made of (docs/experiments.md).
-- Tables of a site are derived: exposures from the journal, the rest from them and events_log.

alter table ab_tests
  add column site_id varchar(100),
  add column test_key varchar(100),
  add column design jsonb not null default '{}',
  add column started_at timestamptz,
  add column ended_at timestamptz,
  add column decided_by varchar(255),
  add column decision jsonb not null default '{}',
  add column weights jsonb not null default '[]';

create table test_exposure (
  site_id varchar(100) not null,
  unit_id bigint not null,
  test_key varchar(100) not null,
  visitor_id varchar(255) not null,
  variation_id varchar(100) not null,
  first_at timestamptz not null,
  attributes jsonb not null,
  propensity double precision not null,
  exposures bigint not null,
  is_mixed boolean not null,
  changed_position bigint not null,
  primary key (site_id, unit_id)
);

create index idx_test_exposure_changed on test_exposure (site_id, test_key, changed_position);

create index idx_test_exposure_visitor on test_exposure (site_id, visitor_id);

create table test_unit (
  site_id varchar(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  variation_id varchar(100) not null,
  cohort_day date not null,
  attributes jsonb not null
);

create index idx_test_unit_test on test_unit (site_id, test_id, unit_id);

create table test_unit_metric (
  site_id varchar(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  metric varchar(100) not null,
  after_value double precision not null,
  after_denominator double precision not null,
  before_value double precision not null,
  before_denominator double precision not null
);

create index idx_test_unit_metric_test on test_unit_metric (site_id, test_id, unit_id);

create table test_statistic (
  site_id varchar(100) not null,
  test_id uuid not null,
  generation bigint not null,
  metric varchar(100) not null,
  variation_id varchar(100) not null,
  dimension varchar(100) not null,
  dimension_value varchar(255) not null,
  cohort_day date not null,
  units double precision not null,
  y double precision not null,
  yy double precision not null,
  d double precision not null,
  dd double precision not null,
  yd double precision not null,
  x double precision not null,
  xx double precision not null,
  e double precision not null,
  ee double precision not null,
  xe double precision not null,
  yx double precision not null,
  de double precision not null,
  ye double precision not null,
  xd double precision not null
);

create index idx_test_statistic_test on test_statistic (site_id, test_id);

create table test_refresh (
  site_id varchar(100) not null,
  test_id uuid not null,
  position bigint not null,
  generation bigint not null,
  mixed_units bigint not null,
  refreshed_at timestamptz not null,
  primary key (site_id, test_id)
);

create table test_scope (
  site_id varchar(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  is_fresh boolean not null
);

select attune_protect(name::regclass, 'site_id')
from (
  values
    ('test_exposure'), ('test_unit'), ('test_unit_metric'), ('test_statistic'), ('test_refresh'),
    ('test_scope')
) as tables (name);
