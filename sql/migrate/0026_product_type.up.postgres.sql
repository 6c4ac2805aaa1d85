-- What a product is: something sold, something to read, or a promotion.

alter table product
  add column type varchar(20) not null default 'product',
  add constraint product_type_check check (type in ('product', 'content', 'offer'));
