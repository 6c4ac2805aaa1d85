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
  select *
  from jsonb_to_recordset(cast($5 as jsonb)) as rule (
    metric text,
    role text,
    event text,
    property text,
    pattern text,
    where_property text,
    where_value text,
    from_seconds bigint,
    until_seconds bigint,
    is_proportion boolean,
    has_before boolean,
    cap double precision
  )
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
    units.unit_id,
    units.variation_id,
    units.cohort_day,
    attribute.key,
    left(attribute.value, 255)
  from units
  cross join lateral jsonb_each_text(units.attributes) as attribute
  where attribute.key ~ '^[A-Za-z0-9_]{1,100}$'
    and attribute.value is not null
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
