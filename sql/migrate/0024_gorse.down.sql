-- Takes back 0024_gorse.up.

drop table gorse_feedback;

drop table gorse_user;

drop table gorse_site;

alter table product drop column deleted_at;

alter table product drop column published_at;

alter table product drop column comment;

alter table product drop column labels;

alter table product drop column categories;
