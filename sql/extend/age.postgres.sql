-- Adds Apache AGE to this database, a graph "attune" with the labels of docs/extensions.md, and what
-- fills it: the edges of one site, from graph_edges, in the place of those it had.
create extension if not exists age;
select ag_catalog.create_graph('attune');
select ag_catalog.create_vlabel('attune', label)
from unnest(array['User', 'Product', 'Category', 'Page', 'Event']) as labels (label);
select ag_catalog.create_elabel('attune', label)
from unnest(array[
  'VIEWED', 'ADDED_TO_CART', 'PURCHASED', 'SEARCHED_FOR', 'NAVIGATED_TO', 'BOUGHT_TOGETHER',
  'VIEWED_TOGETHER', 'IN_CATEGORY', 'SEMANTICALLY_SIMILAR'
]) as labels (label);
-- Which vertex of the graph stands for which of ours.
create table extension_graph_vertex (
  site_id varchar(100) not null,
  vertex_type varchar(20) not null,
  vertex_id varchar(255) not null,
  graph_id ag_catalog.graphid not null,
  primary key (site_id, vertex_type, vertex_id)
);
alter table extension_graph_vertex enable row level security, force row level security;
create function attune_graph_refresh(site text) returns bigint
language plpgsql
as $$
declare
  label record;
  changed bigint;
  edges bigint := 0;
begin
  -- Edges first: a vertex that has some cannot go.
  for label in
    select ag_label.name, ag_label.id, ag_label.kind
    from ag_catalog.ag_label
    inner join ag_catalog.ag_graph on ag_graph.graphid = ag_label.graph
    where ag_graph.name = 'attune'
      and ag_label.name not like '\_ag\_label%'
    order by ag_label.kind = 'v', ag_label.name
  loop
    if label.kind = 'e' then
      execute format(
        'delete from attune.%I using extension_graph_vertex as vertex
         where vertex.site_id = %L and vertex.graph_id = start_id', label.name, site);
    else
      execute format(
        'delete from attune.%I as own using extension_graph_vertex as vertex
         where vertex.site_id = %L and vertex.graph_id = own.id', label.name, site);
    end if;
  end loop;
  delete from extension_graph_vertex where site_id = site;

  for label in
    select ag_label.name, ag_label.id
    from ag_catalog.ag_label
    inner join ag_catalog.ag_graph on ag_graph.graphid = ag_label.graph
    where ag_graph.name = 'attune'
      and ag_label.kind = 'v'
      and ag_label.name not like '\_ag\_label%'
  loop
    insert into extension_graph_vertex (site_id, vertex_type, vertex_id, graph_id)
    select
      site,
      label.name,
      ends.id,
      ag_catalog._graphid(
        cast(label.id as integer), nextval(format('attune.%I', label.name || '_id_seq')))
    from (
      select from_id as id from graph_edges where site_id = site and from_type = label.name
      union
      select to_id from graph_edges where site_id = site and to_type = label.name
    ) as ends;
    execute format(
      'insert into attune.%I (id, properties)
       select graph_id,
         cast(json_build_object(''site_id'', site_id, ''id'', vertex_id)::text as ag_catalog.agtype)
       from extension_graph_vertex
       where site_id = %L and vertex_type = %L', label.name, site, label.name);
  end loop;

  for label in
    select distinct edge_type as name from graph_edges where site_id = site
  loop
    execute format(
      'insert into attune.%I (start_id, end_id, properties)
       select tail.graph_id, head.graph_id,
         cast(json_build_object(''site_id'', edge.site_id, ''weight'', edge.weight,
           ''first_at'', edge.first_at, ''last_at'', edge.last_at)::text as ag_catalog.agtype)
       from graph_edges as edge
       inner join extension_graph_vertex as tail on tail.site_id = edge.site_id
         and tail.vertex_type = edge.from_type and tail.vertex_id = edge.from_id
       inner join extension_graph_vertex as head on head.site_id = edge.site_id
         and head.vertex_type = edge.to_type and head.vertex_id = edge.to_id
       where edge.site_id = %L and edge.edge_type = %L', label.name, site, label.name);
    get diagnostics changed = row_count;
    edges := edges + changed;
  end loop;
  return edges;
end $$;
