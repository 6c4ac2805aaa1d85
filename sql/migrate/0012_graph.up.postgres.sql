-- Who did what with which product, and which things go together: one table of edges, made anew for
-- a site as a whole by sql/graph. Vertices are named by a type and their own id.
-- The key holds site_id, for distribution; ids longer than 255 are left out, for the index.

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
  constraint graph_edges_pkey primary key (site_id, edge_type, from_id, to_id),
  constraint graph_edges_edge_type_check check (edge_type in (
    'VIEWED', 'ADDED_TO_CART', 'PURCHASED', 'SEARCHED_FOR', 'NAVIGATED_TO', 'BOUGHT_TOGETHER',
    'VIEWED_TOGETHER', 'IN_CATEGORY', 'SEMANTICALLY_SIMILAR'
  )),
  constraint graph_edges_from_type_check
    check (from_type in ('User', 'Product', 'Category', 'Page', 'Event')),
  constraint graph_edges_to_type_check
    check (to_type in ('User', 'Product', 'Category', 'Page', 'Event'))
);

create index idx_graph_edges_to on graph_edges (site_id, edge_type, to_id);
