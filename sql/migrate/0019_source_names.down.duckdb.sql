-- Takes back 0019_source_names.up.

comment on table recommendations is null;
comment on column recommendations.strategy is null;
comment on column recommendations.personalization_factors is null;

comment on table ml_models is null;
comment on column ml_models.status is null;
comment on column ml_models.is_active is null;

comment on table user_product_interactions is null;
comment on column user_product_interactions.interaction_type is null;
comment on column user_product_interactions.context is null;
comment on column user_product_interactions.reward is null;
