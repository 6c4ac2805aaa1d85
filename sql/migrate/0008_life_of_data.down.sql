drop table archive_file;

drop table retention_mark;

drop table site_retention;

drop table erased_person;
