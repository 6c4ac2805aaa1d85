-- Quantiles of tests' metrics and of the sums that are cut at one: they do not add up, so each refresh
-- makes them anew from what people did (docs/experiments.md, section 5).
create table test_quantile (
  site_id varchar not null,
  test_id uuid not null,
  metric varchar not null,
  variation_id varchar not null,
  people double not null,
  amounts double not null,
  quantile_value double not null,
  low_value double,
  high_value double
);
