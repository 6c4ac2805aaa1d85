-- Rows of recommendations in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   position
--   id
--   session_id
--   user_id
--   website_id
--   recommendation_type
--   item_id
--   score
--   rank
--   context
--   strategy
--   model_version
--   personalization_factors
--   shown
--   clicked
--   converted
--   revenue
--   shown_at
--   clicked_at
--   converted_at
--   decision_id
--   product_id
--   person_id
--   decided_at
--   propensity
--   raw_score
--   reason
--   placement
--   session_text
--   eligible_count
--   eligible_hash
--   seed
--   matured_at
select
  position,
  id,
  session_id,
  user_id,
  website_id,
  recommendation_type,
  item_id,
  score,
  rank,
  context,
  strategy,
  model_version,
  personalization_factors,
  shown,
  clicked,
  converted,
  revenue,
  shown_at,
  clicked_at,
  converted_at,
  decision_id,
  product_id,
  person_id,
  decided_at,
  propensity,
  raw_score,
  reason,
  placement,
  session_text,
  eligible_count,
  eligible_hash,
  seed,
  matured_at
from recommendations
where position >= $1::bigint
  and position <= $2::bigint
order by
  position,
  rank;
