-- Empties the tables that people edit, so that those of another database can take their place.
-- The catalogue is not emptied: it is put product by product (edited.product_put).
delete from account;
delete from website;
delete from api_key;
delete from login;
delete from import_stream;
delete from ml_models;
