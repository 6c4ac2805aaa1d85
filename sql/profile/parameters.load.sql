-- What was fitted to the visits of a site.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   computed_at       timestamp
--   people            int64
--   returning_people  int64
--   r                 double     null: no fit, see detail
--   alpha             double
--   a                 double
--   b                 double
--   log_likelihood    double
--   detail            text
select
  computed_at,
  people,
  returning_people,
  r,
  alpha,
  a,
  b,
  log_likelihood,
  detail
from profile_parameters
where site_id = cast(cast($1 as uuid) as varchar);
