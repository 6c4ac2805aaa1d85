-- Takes back 0028_tests.up. A column of a table with indexes cannot be dropped, so they are made anew.

drop table test_scope;

drop table test_refresh;

drop table test_statistic;

drop table test_unit_metric;

drop table test_unit;

drop table test_exposure;

drop index idx_ab_tests_user_id;

drop index idx_ab_tests_status;

drop index idx_ab_tests_test_type;

drop index idx_ab_tests_start_date;

drop index idx_ab_tests_significance_status;

drop index idx_ab_tests_user_id_status;

alter table ab_tests drop column weights;

alter table ab_tests drop column decision;

alter table ab_tests drop column decided_by;

alter table ab_tests drop column ended_at;

alter table ab_tests drop column started_at;

alter table ab_tests drop column design;

alter table ab_tests drop column test_key;

alter table ab_tests drop column site_id;

create index idx_ab_tests_user_id on ab_tests (user_id);

create index idx_ab_tests_status on ab_tests (status);

create index idx_ab_tests_test_type on ab_tests (test_type);

create index idx_ab_tests_start_date on ab_tests (start_date);

create index idx_ab_tests_significance_status on ab_tests (significance_status);

create index idx_ab_tests_user_id_status on ab_tests (user_id, status);
