-- Statistics for the planner.
analyze;
