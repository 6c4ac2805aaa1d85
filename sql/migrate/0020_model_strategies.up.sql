-- A site has a model for each strategy; ml_models.name says which. What was there so far is the
-- sequential one.

update ml_models
set name = 'sequential'
where name = 'next-item';
