-- Makes the quantile of a metric, of each variation or of all people together, from what each person
-- did: exact, and made anew each time, because quantiles do not add up. Beside it stand the values whose
-- ranks are z standard errors of a share away; of events, people are what varies and not their events.
--
-- Parameters
--   $1 site_id       text
--   $2 test_id       uuid
--   $3 metric        text
--   $4 quantile      double   above 0, below 1
--   $5 per_event     bool     of the events' numbers; else of each person's sum
--   $6 ignore_zeros  bool     of what is not 0 alone
--   $7 by_variation  bool     else of all people together, under the variation ''
--   $8 z             double
with sums as (
  select
    unit_id,
    sum(after_value) as amount
  from test_unit_metric
  where site_id = $1
    and test_id = $2
    and metric = $3
  group by unit_id
),
amounts as (
  select
    test_unit.unit_id,
    case when cast($7 as boolean) then test_unit.variation_id else '' end as variation_id,
    coalesce(sums.amount, 0) as amount
  from test_unit
  left join sums on sums.unit_id = test_unit.unit_id
  where test_unit.site_id = $1
    and test_unit.test_id = $2
    and not cast($5 as boolean)
  union all
  select
    test_unit.unit_id,
    case when cast($7 as boolean) then test_unit.variation_id else '' end as variation_id,
    test_unit_metric.after_value as amount
  from test_unit
  inner join test_unit_metric on test_unit_metric.site_id = test_unit.site_id
    and test_unit_metric.test_id = test_unit.test_id
    and test_unit_metric.unit_id = test_unit.unit_id
  where test_unit.site_id = $1
    and test_unit.test_id = $2
    and test_unit_metric.metric = $3
    and cast($5 as boolean)
),
ranked as (
  select
    unit_id,
    variation_id,
    amount,
    row_number() over (partition by variation_id order by amount, unit_id) as place,
    count(*) over (partition by variation_id) as places
  from amounts
  where amount <> 0
    or not cast($6 as boolean)
),
middle as (
  select
    variation_id,
    max(places) as places,
    max(case when place = greatest(ceil(places * cast($4 as double precision)), 1) then amount end) as amount
  from ranked
  group by variation_id
),
people as (
  select
    ranked.variation_id,
    ranked.unit_id,
    cast(count(*) as double precision) as counted,
    cast(sum(case when ranked.amount <= middle.amount then 1 else 0 end) as double precision) as below
  from ranked
  inner join middle on middle.variation_id = ranked.variation_id
  group by
    ranked.variation_id,
    ranked.unit_id
),
spread as (
  select
    variation_id,
    cast(count(*) as double precision) as people,
    sum(below) / sum(counted) as share,
    sum(below * below) as below_squares,
    sum(below * counted) as products,
    sum(counted * counted) as counted_squares
  from people
  group by variation_id
),
reached as (
  select
    middle.variation_id,
    spread.people,
    middle.places,
    middle.amount,
    middle.places * cast($4 as double precision) as target,
    cast($8 as double precision) * sqrt(
      case
        when cast($5 as boolean) then
          greatest(
            spread.below_squares - 2 * spread.share * spread.products
              + spread.share * spread.share * spread.counted_squares,
            0
          ) * spread.people / nullif(spread.people - 1, 0)
        else
          middle.places * cast($4 as double precision) * (1 - cast($4 as double precision))
      end
    ) as reach
  from middle
  inner join spread on spread.variation_id = middle.variation_id
)
insert into test_quantile (
  site_id,
  test_id,
  metric,
  variation_id,
  people,
  amounts,
  quantile_value,
  low_value,
  high_value
)
select
  cast($1 as varchar),
  cast($2 as uuid),
  cast($3 as varchar),
  reached.variation_id,
  max(reached.people),
  max(cast(reached.places as double precision)),
  max(reached.amount),
  max(case when ranked.place = floor(reached.target - reached.reach) then ranked.amount end),
  max(case when ranked.place = ceil(reached.target + reached.reach) then ranked.amount end)
from reached
inner join ranked on ranked.variation_id = reached.variation_id
group by reached.variation_id;
