-- Adds exposures, one row for each person of a test: the earliest is the first one, and two different
-- variations make the person a mixed one for good. Lists have the unit separator (chr 31) between.
--
-- Parameters
--   $1  site_ids       text
--   $2  unit_ids       text   numbers
--   $3  test_keys      text
--   $4  visitor_ids    text
--   $5  variation_ids  text
--   $6  first_ms       text   milliseconds since 1970
--   $7  attributes     text   objects
--   $8  propensities   text   numbers
--   $9  exposures      text   numbers
--   $10 are_mixed      text   true or false
--   $11 positions      text   numbers
insert into test_exposure (
  site_id,
  unit_id,
  test_key,
  visitor_id,
  variation_id,
  first_at,
  attributes,
  propensity,
  exposures,
  is_mixed,
  changed_position
)
select
  unnest(string_to_array($1, chr(31))),
  cast(unnest(string_to_array($2, chr(31))) as bigint),
  unnest(string_to_array($3, chr(31))),
  unnest(string_to_array($4, chr(31))),
  unnest(string_to_array($5, chr(31))),
  to_timestamp(cast(unnest(string_to_array($6, chr(31))) as bigint) / 1000.0),
  cast(unnest(string_to_array($7, chr(31))) as jsonb),
  cast(unnest(string_to_array($8, chr(31))) as double precision),
  cast(unnest(string_to_array($9, chr(31))) as bigint),
  cast(unnest(string_to_array($10, chr(31))) as boolean),
  cast(unnest(string_to_array($11, chr(31))) as bigint)
on conflict (site_id, unit_id) do update
set
  variation_id = case
    when excluded.first_at < test_exposure.first_at then excluded.variation_id
    else test_exposure.variation_id
  end,
  attributes = case
    when excluded.first_at < test_exposure.first_at then excluded.attributes
    else test_exposure.attributes
  end,
  propensity = case
    when excluded.first_at < test_exposure.first_at then excluded.propensity
    else test_exposure.propensity
  end,
  first_at = least(test_exposure.first_at, excluded.first_at),
  exposures = test_exposure.exposures + excluded.exposures,
  is_mixed = test_exposure.is_mixed
    or excluded.is_mixed
    or test_exposure.variation_id <> excluded.variation_id,
  changed_position = case
    when excluded.first_at < test_exposure.first_at
      or (
        not test_exposure.is_mixed
        and (excluded.is_mixed or test_exposure.variation_id <> excluded.variation_id)
      )
      then excluded.changed_position
    else test_exposure.changed_position
  end;
