-- A database that was made for an extension stays so.
do $$
begin
  if exists (select from extension_choice) then
    raise exception 'this database was made for the extension %: take a new one without it instead',
      (select extension from extension_choice) using errcode = 'object_not_in_prerequisite_state';
  end if;
end $$;

drop table extension_choice;
