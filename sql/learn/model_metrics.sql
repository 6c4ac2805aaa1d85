-- Keeps what was measured of a model.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 version     text
--   $4 metrics     json
update ml_models
set metrics = $4
where website_id = $1
  and name = $2
  and version = $3;
