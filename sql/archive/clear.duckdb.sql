-- Empties the database that files are made in.
truncate user_product_interactions;
