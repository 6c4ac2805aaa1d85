-- The model of a site that is in production.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   version          text
--   artifact_path    text
--   artifact_sha256  text
--   algorithm        text
--   trained_at       timestamp
--   status           text
select
  version,
  artifact_path,
  artifact_sha256,
  algorithm,
  trained_at,
  status
from ml_models
where website_id = $1
  and name = 'next-item'
  and is_active
order by trained_at desc, version desc
limit 1;
