-- Notes how far a test's sums are, and how many people of it were given two variations; nobody is
-- in the scope any more.
--
-- Parameters
--   $1 site_id       text
--   $2 test_id       uuid
--   $3 position      int64
--   $4 generation    int64
--   $5 refreshed_at  timestamp
--   $6 test_key      text
--   $7 started_at    timestamp
delete from test_scope
where site_id = $1;

delete from test_refresh
where site_id = $1
  and test_id = $2;

insert into test_refresh (
  site_id,
  test_id,
  position,
  generation,
  mixed_units,
  refreshed_at
)
select
  cast($1 as varchar),
  cast($2 as uuid),
  cast($3 as bigint),
  cast($4 as bigint),
  count(*),
  cast($5 as timestamptz)
from test_exposure
where site_id = $1
  and test_key = $6
  and is_mixed
  and first_at >= $7;
