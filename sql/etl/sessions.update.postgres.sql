-- Counts open sessions of such rows anew and closes those that are over.
call update_active_sessions();
