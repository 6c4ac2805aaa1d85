-- Takes back 0031_people.up: people who worked for an account can no longer log in.

drop table audit_log;

delete from account
where owner_id is not null;

alter table account drop column owner_id;

alter table account drop constraint account_role_check;

alter table account add constraint account_role_check check (role in ('admin', 'viewer'));
