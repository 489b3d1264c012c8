-- The files are in the data directory, in repositories/<id>.
CREATE TABLE repositories (
    id INTEGER PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    project_id BIGINT NOT NULL REFERENCES projects (id),
    -- The same for every spelling of the URL.
    identity TEXT NOT NULL,
    url TEXT NOT NULL,
    -- The one that was imported, and where it stood then.
    branch TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    UNIQUE (partner_id, identity)
);
