-- Adds what people of a refresh contribute to the sums of a test, or takes it away before they are
-- counted anew: units, and y (after), d (its denominator), x (before), e (its denominator) with their
-- products. Each attribute of the exposure is a dimension; the whole has none.
--
-- Parameters
--   $1 site_id     text
--   $2 test_id     uuid
--   $3 generation  int64
--   $4 sign        double   1 or -1
--   $5 rules       json     one for each part of each metric that is summed
--   $6 with_units  bool     people too, not only what they did
--   $7 first_unit  int64    of the people alone whose unit_id is from here
--   $8 last_unit   int64    to here
with rules as (
  select unnest(from_json(cast($5 as json), '[{
    "metric": "VARCHAR", "role": "VARCHAR", "event": "VARCHAR", "property": "VARCHAR",
    "pattern": "VARCHAR", "where_property": "VARCHAR", "where_value": "VARCHAR",
    "from_seconds": "BIGINT", "until_seconds": "BIGINT", "is_proportion": "BOOLEAN",
    "has_before": "BOOLEAN", "cap": "DOUBLE"
  }]'), recursive := true)
),
metrics as (
  select
    metric,
    is_proportion,
    cap
  from rules
  where role = 'n'
),
units as (
  select
    test_unit.unit_id,
    test_unit.variation_id,
    test_unit.cohort_day,
    test_unit.attributes
  from test_scope
  inner join test_unit on test_unit.site_id = test_scope.site_id
    and test_unit.test_id = test_scope.test_id
    and test_unit.unit_id = test_scope.unit_id
  where test_scope.site_id = $1
    and test_scope.test_id = $2
    and test_scope.unit_id between cast($7 as bigint) and cast($8 as bigint)
    and test_unit.unit_id between cast($7 as bigint) and cast($8 as bigint)
),
keys as (
  select
    unit_id,
    variation_id,
    cohort_day,
    attributes,
    unnest(json_keys(attributes)) as dimension
  from units
),
parts as (
  select
    unit_id,
    variation_id,
    cohort_day,
    '' as dimension,
    '' as dimension_value
  from units
  union all
  select
    unit_id,
    variation_id,
    cohort_day,
    dimension,
    left(json_extract_string(attributes, '/' || dimension), 255)
  from keys
  where regexp_full_match(dimension, '[A-Za-z0-9_]{1,100}')
    and json_extract_string(attributes, '/' || dimension) is not null
),
sums as (
  select
    test_unit_metric.unit_id,
    test_unit_metric.metric,
    sum(after_value) as y,
    sum(after_denominator) as d,
    sum(before_value) as x,
    sum(before_denominator) as e
  from test_scope
  inner join test_unit_metric on test_unit_metric.site_id = test_scope.site_id
    and test_unit_metric.test_id = test_scope.test_id
    and test_unit_metric.unit_id = test_scope.unit_id
  where test_scope.site_id = $1
    and test_scope.test_id = $2
    and test_scope.unit_id between cast($7 as bigint) and cast($8 as bigint)
    and test_unit_metric.unit_id between cast($7 as bigint) and cast($8 as bigint)
  group by
    test_unit_metric.unit_id,
    test_unit_metric.metric
),
amounts as (
  select
    sums.unit_id,
    sums.metric,
    case
      when metrics.is_proportion then least(sums.y, 1.0)
      when metrics.cap > 0 then least(sums.y, metrics.cap)
      else sums.y
    end as y,
    sums.d,
    case
      when metrics.is_proportion then least(sums.x, 1.0)
      when metrics.cap > 0 then least(sums.x, metrics.cap)
      else sums.x
    end as x,
    sums.e
  from sums
  inner join metrics on metrics.metric = sums.metric
)
insert into test_statistic (
  site_id,
  test_id,
  generation,
  metric,
  variation_id,
  dimension,
  dimension_value,
  cohort_day,
  units,
  y, yy, d, dd, yd, x, xx,
  e, ee, xe, yx, de, ye, xd
)
select
  cast($1 as varchar),
  cast($2 as uuid),
  cast($3 as bigint),
  '',
  variation_id,
  dimension,
  dimension_value,
  cohort_day,
  cast($4 as double precision) * count(*),
  0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0
from parts
where cast($6 as boolean)
group by
  variation_id,
  dimension,
  dimension_value,
  cohort_day
union all
select
  cast($1 as varchar),
  cast($2 as uuid),
  cast($3 as bigint),
  amounts.metric,
  parts.variation_id,
  parts.dimension,
  parts.dimension_value,
  parts.cohort_day,
  0,
  cast($4 as double precision) * sum(y),
  cast($4 as double precision) * sum(y * y),
  cast($4 as double precision) * sum(d),
  cast($4 as double precision) * sum(d * d),
  cast($4 as double precision) * sum(y * d),
  cast($4 as double precision) * sum(x),
  cast($4 as double precision) * sum(x * x),
  cast($4 as double precision) * sum(e),
  cast($4 as double precision) * sum(e * e),
  cast($4 as double precision) * sum(x * e),
  cast($4 as double precision) * sum(y * x),
  cast($4 as double precision) * sum(d * e),
  cast($4 as double precision) * sum(y * e),
  cast($4 as double precision) * sum(x * d)
from parts
inner join amounts on amounts.unit_id = parts.unit_id
group by
  amounts.metric,
  parts.variation_id,
  parts.dimension,
  parts.dimension_value,
  parts.cohort_day;
