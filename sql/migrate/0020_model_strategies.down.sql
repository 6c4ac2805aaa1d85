-- Takes back 0020_model_strategies.up. Models of other strategies stay as archived rows.

update ml_models
set
  status = 'archived',
  is_active = false
where name <> 'sequential';

update ml_models
set name = 'next-item'
where name = 'sequential';
