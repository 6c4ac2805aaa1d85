-- Opens a transaction in which nothing can be written: ad-hoc queries run in one.
begin transaction read only;
