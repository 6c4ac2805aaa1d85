-- Takes back 0028_tests.up.

drop table test_scope;

drop table test_refresh;

drop table test_statistic;

drop table test_unit_metric;

drop table test_unit;

drop table test_exposure;

alter table ab_tests drop column weights;

alter table ab_tests drop column decision;

alter table ab_tests drop column decided_by;

alter table ab_tests drop column ended_at;

alter table ab_tests drop column started_at;

alter table ab_tests drop column design;

alter table ab_tests drop column test_key;

alter table ab_tests drop column site_id;
