-- Recommended items were clicked: notes each click, then what it says of its row.
--
-- Parameters
--   $1 decision_ids  text       uuids, with commas between
--   $2 website_ids   text       as many uuids
--   $3 product_ids   text       as many numbers
--   $4 happened_us   text       as many: microseconds since 1970
--   $5 positions     text       as many: of the events' records
--   $6 decided_min   timestamp  no fitting decision is earlier
--   $7 windows_us    text       as many: from decision to outcome
--   $8 purchase_us   text       as many: from click to purchase
insert into recommendation_clicks (
  recommendation_id,
  person_id,
  product_id,
  clicked_at,
  position,
  decided_at,
  credited_until
)
with outcomes as (
  select
    unnest(cast(string_to_array($1, ',') as uuid[])) as decision_id,
    unnest(cast(string_to_array($2, ',') as uuid[])) as website_id,
    unnest(cast(string_to_array($3, ',') as bigint[])) as product_id,
    make_timestamptz(unnest(cast(string_to_array($4, ',') as bigint[]))) as happened_at,
    unnest(cast(string_to_array($5, ',') as bigint[])) as position,
    unnest(cast(string_to_array($7, ',') as bigint[])) as window_us,
    unnest(cast(string_to_array($8, ',') as bigint[])) as purchase_us
)
select
  recommendations.id,
  recommendations.person_id,
  recommendations.product_id,
  outcomes.happened_at,
  outcomes.position,
  recommendations.decided_at,
  make_timestamptz(epoch_us(outcomes.happened_at) + outcomes.purchase_us)
from recommendations
  inner join outcomes on outcomes.decision_id = recommendations.decision_id
    and outcomes.website_id = recommendations.website_id
    and outcomes.product_id = recommendations.product_id
    and outcomes.position > recommendations.position
    and epoch_us(outcomes.happened_at) <= epoch_us(recommendations.decided_at) + outcomes.window_us
  where recommendations.decided_at >= $6
order by
  outcomes.position,
  recommendations.id;

with outcomes as (
  select
    unnest(cast(string_to_array($1, ',') as uuid[])) as decision_id,
    unnest(cast(string_to_array($2, ',') as uuid[])) as website_id,
    unnest(cast(string_to_array($3, ',') as bigint[])) as product_id,
    make_timestamptz(unnest(cast(string_to_array($4, ',') as bigint[]))) as happened_at,
    unnest(cast(string_to_array($5, ',') as bigint[])) as position,
    unnest(cast(string_to_array($7, ',') as bigint[])) as window_us,
    unnest(cast(string_to_array($8, ',') as bigint[])) as purchase_us
),
fitting as (
  select
    recommendations.id,
    min(outcomes.happened_at) as first_at,
    make_timestamptz(max(epoch_us(outcomes.happened_at) + outcomes.purchase_us)) as matured_at
  from recommendations
  inner join outcomes on outcomes.decision_id = recommendations.decision_id
    and outcomes.website_id = recommendations.website_id
    and outcomes.product_id = recommendations.product_id
    and outcomes.position > recommendations.position
    and epoch_us(outcomes.happened_at) <= epoch_us(recommendations.decided_at) + outcomes.window_us
  where recommendations.decided_at >= $6
  group by recommendations.id
)
update recommendations
set
  clicked = true,
  clicked_at = least(coalesce(recommendations.clicked_at, fitting.first_at), fitting.first_at),
  matured_at = case
    when recommendations.clicked then greatest(recommendations.matured_at, fitting.matured_at)
    else fitting.matured_at
  end
from fitting
where recommendations.id = fitting.id
  and recommendations.decided_at >= $6;
