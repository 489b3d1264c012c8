-- As an import named it: `main`, where the remote has none and its default was
-- taken. NULL where it is the imported branch itself.
ALTER TABLE repositories ADD COLUMN requested_branch TEXT;
