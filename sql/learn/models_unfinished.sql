-- Forgets what a training left behind that was killed: nothing else may be training by then.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
delete from ml_models
where website_id = $1
  and name = $2
  and (
    status = 'training'
    or (status = 'validating' and (metrics ->> 'shadow') is null)
  );
