-- Credits purchases to clicks, anew for every (person, product) that this batch has a click or a
-- purchase of: a credit is a function of the sets of both, so late ones move it.
--
-- Parameters
--   $1 person_ids      text       of this batch's purchases, with commas between; may be empty
--   $2 product_ids     text       as many numbers
--   $3 position_min    int64      of this batch's first record: its clicks are at or behind it
--   $4 decided_min     timestamp  no decision whose row can change is earlier
--   $5 purchase_us     int64      from click to purchase, of clicks that do not say until when
with bought as (
  select
    cast(unnest(string_to_array($1, ',')) as bigint) as person_id,
    cast(unnest(string_to_array($2, ',')) as bigint) as product_id
),
pairs as (
  select
    clicks.person_id,
    clicks.product_id
  from recommendation_clicks as clicks
  where clicks.position >= $3::bigint
    and clicks.person_id is not null
  union
  select
    clicks.person_id,
    clicks.product_id
  from recommendation_clicks as clicks
  inner join bought on bought.person_id = clicks.person_id
    and bought.product_id = clicks.product_id
),
clicks as (
  select recommendation_clicks.*
  from recommendation_clicks
  inner join pairs on pairs.person_id = recommendation_clicks.person_id
    and pairs.product_id = recommendation_clicks.product_id
),
ranked as (
  select
    clicks.recommendation_id,
    purchases.purchased_at,
    purchases.amount,
    row_number() over (
      partition by purchases.id
      order by
        clicks.clicked_at desc,
        clicks.position desc,
        clicks.recommendation_id
    ) as nth
  from recommendation_purchases as purchases
  inner join clicks on clicks.person_id = purchases.person_id
    and clicks.product_id = purchases.product_id
    and clicks.clicked_at <= purchases.purchased_at
    and purchases.purchased_at
      <= coalesce(clicks.credited_until, clicks.clicked_at + $5::bigint * interval '1 microsecond')
),
credited as (
  select
    recommendation_id,
    min(purchased_at) as converted_at,
    least(sum(amount), 900000000000000) as revenue
  from ranked
  where nth = 1
  group by recommendation_id
),
results as (
  select
    clicked.recommendation_id,
    credited.converted_at,
    credited.revenue
  from (select distinct recommendation_id from clicks) as clicked
  left join credited on credited.recommendation_id = clicked.recommendation_id
)
update recommendations
set
  converted = results.converted_at is not null,
  converted_at = results.converted_at,
  revenue = results.revenue
from results
where recommendations.id = results.recommendation_id
  and recommendations.decided_at >= $4
  and (
    recommendations.converted_at is distinct from results.converted_at
    or recommendations.revenue is distinct from results.revenue
  );
