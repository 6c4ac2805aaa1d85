-- What a product is: something sold, something to read, or a promotion. The API lets nothing else in
-- (a check cannot be added to a table here).

alter table product add column type varchar default 'product';
