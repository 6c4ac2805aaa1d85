-- Empties the tables that people edit, but for the catalogue, before they are copied from another
-- database.
delete from account;

delete from website;

delete from ml_models;

delete from api_key;

delete from login;

delete from import_stream;
