-- Takes back 0003_serve.up: all keys stop working and everybody is logged out.

drop table import_stream;
drop table login;
drop table api_key;
