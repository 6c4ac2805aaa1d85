-- Takes back 0012_graph.up: the edges are gone until a refresh makes them again.

drop table graph_edges;
