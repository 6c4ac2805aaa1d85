-- Takes back 0009_interaction_layout.up: the same rows, compressed as the engine likes.

create table user_product_interactions_old (
  id bigint not null default nextval('user_product_interactions_id_sequence'),
  user_id bigint not null,
  product_id bigint not null,
  interaction_type varchar(50) not null,
  session_id varchar(255),
  timestamp timestamptz not null default now(),
  context json,
  reward decimal(10, 2) default 0.00,
  site_id varchar(100) not null default '',
  visitor_id varchar(100),
  item_id varchar(255),
  quantity decimal(12, 3),
  price decimal(19, 4),
  decision_id uuid
);

insert into user_product_interactions_old
select *
from user_product_interactions;

drop table user_product_interactions;

alter table user_product_interactions_old rename to user_product_interactions;
