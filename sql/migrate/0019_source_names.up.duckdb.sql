-- Comments that the sources give their tables, where earlier migrations left them out.

comment on table recommendations is 'Historical recommendations for analysis and learning';
comment on column recommendations.strategy is
  'Recommendation strategy used: collaborative, sequential, graph, etc.';
comment on column recommendations.personalization_factors is
  'JSONB object containing factors that influenced this recommendation';

comment on table ml_models is 'ML model registry and versioning';
comment on column ml_models.status is 'Model status: training, validating, production, archived';
comment on column ml_models.is_active is 'Whether this model version is currently active in production';

comment on table user_product_interactions is
  'User-product interaction tracking for RL recommendation system';
comment on column user_product_interactions.interaction_type is
  'CLICK, VIEW, CART_ADD, PURCHASE, WISHLIST, REMOVE_CART, REMOVE_WISHLIST';
comment on column user_product_interactions.context is
  'Additional context: category, price range, device, etc.';
comment on column user_product_interactions.reward is 'Calculated reward for RL';
