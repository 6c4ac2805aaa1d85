-- Who did what with which product, and which things go together: one table of edges, made anew for
-- a site as a whole by sql/graph. Vertices are named by a type and their own id.
-- DuckDB: without a key, as the table grows with the visitors; sql/graph writes each edge once.

create table graph_edges (
  site_id varchar(100) not null,
  edge_type varchar(30) not null,
  from_type varchar(20) not null,
  from_id varchar(255) not null,
  to_type varchar(20) not null,
  to_id varchar(255) not null,
  weight double precision not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  updated_at timestamptz not null,
  check (edge_type in (
    'VIEWED', 'ADDED_TO_CART', 'PURCHASED', 'SEARCHED_FOR', 'NAVIGATED_TO', 'BOUGHT_TOGETHER',
    'VIEWED_TOGETHER', 'IN_CATEGORY', 'SEMANTICALLY_SIMILAR'
  )),
  check (from_type in ('User', 'Product', 'Category', 'Page', 'Event')),
  check (to_type in ('User', 'Product', 'Category', 'Page', 'Event'))
);
