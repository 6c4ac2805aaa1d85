-- Takes back 0019_source_names.up.

alter table recommendations
  rename constraint fk_recommendations_website to recommendations_website_id_fkey;
