-- Adds items that are not there, or were deleted, as products.
--
-- Parameters
--   $1 site_id       text
--   $2 ids           text       stable_id(site_id, external_id), with the unit separator (chr 31) between
--   $3 external_ids  text       as many
--   $4 now           timestamp
insert into product (
  id, site_id, external_id, source, created_at, updated_at, published_at
)
with given as (
  select
    unnest(string_to_array($2, chr(31))) as id,
    unnest(string_to_array($3, chr(31))) as external_id
)
select
  cast(id as bigint),
  cast($1 as varchar),
  external_id,
  'catalogue',
  cast($4 as timestamptz),
  cast($4 as timestamptz),
  cast($4 as timestamptz)
from given
order by id
on conflict (site_id, id) do update set
  deleted_at = null;
