-- Quantiles of tests' metrics and of the sums that are cut at one: they do not add up, so each refresh
-- makes them anew from what people did (docs/experiments.md, section 5).
create table test_quantile (
  site_id varchar(100) not null,
  test_id uuid not null,
  metric varchar(100) not null,
  variation_id varchar(100) not null,
  people double precision not null,
  amounts double precision not null,
  quantile_value double precision not null,
  low_value double precision,
  high_value double precision
);

create index idx_test_quantile_test on test_quantile (site_id, test_id);

select attune_protect('test_quantile', 'site_id');
