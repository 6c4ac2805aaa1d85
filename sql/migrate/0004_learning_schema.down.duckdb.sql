-- Takes back 0004_learning_schema.up: profiles, feature vectors and model metadata with their rows.

drop macro interaction_reward;
drop table user_context_features;
drop table rl_model_metadata;
drop table user_profiles;
drop sequence user_context_features_id_sequence;
drop sequence rl_model_metadata_id_sequence;
