-- Keeps what was fitted to the visits of a site; without a fit the numbers are null.
--
-- Parameters
--   $1  website_id       uuid
--   $2  computed_at      timestamp
--   $3  people           int64      looked at
--   $4  returning        int64      of them, who came on another day too
--   $5  r                double
--   $6  alpha            double     days
--   $7  a                double
--   $8  b                double
--   $9  log_likelihood   double
--   $10 detail           text       why there is no fit; empty: there is one
insert into profile_parameters (
  site_id,
  computed_at,
  people,
  returning_people,
  r,
  alpha,
  a,
  b,
  log_likelihood,
  detail
)
values (
  cast(cast($1 as uuid) as varchar),
  cast($2 as timestamptz),
  cast($3 as bigint),
  cast($4 as bigint),
  cast($5 as double precision),
  cast($6 as double precision),
  cast($7 as double precision),
  cast($8 as double precision),
  cast($9 as double precision),
  cast($10 as varchar)
)
on conflict (site_id) do update
set
  computed_at = excluded.computed_at,
  people = excluded.people,
  returning_people = excluded.returning_people,
  r = excluded.r,
  alpha = excluded.alpha,
  a = excluded.a,
  b = excluded.b,
  log_likelihood = excluded.log_likelihood,
  detail = excluded.detail;
