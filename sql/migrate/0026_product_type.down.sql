-- Takes back 0026_product_type.up.

alter table product drop column type;
