-- The reference of recommendations gets the name it has in its source.

alter table recommendations
  rename constraint recommendations_website_id_fkey to fk_recommendations_website;
