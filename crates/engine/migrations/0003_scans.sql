CREATE TABLE scan_statuses (
    status TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
);
INSERT INTO scan_statuses (status, position) VALUES
    ('pending', 0),
    ('running', 1),
    ('completed', 2),
    ('failed', 2);

-- Its own queue: what is pending, or was running when the last process ended, is
-- to be worked on.
CREATE TABLE scans (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    -- NULL for the imported one.
    branch TEXT,
    engines TEXT NOT NULL,
    status TEXT NOT NULL REFERENCES scan_statuses (status),
    -- How often a process took it up.
    starts INTEGER NOT NULL DEFAULT 0,
    queued_at BIGINT NOT NULL,
    finished_at BIGINT,
    -- The most severe first; NULL until completed.
    findings TEXT,
    error_message TEXT,
    CHECK ((status = 'completed') = (findings IS NOT NULL)),
    CHECK ((status = 'failed') = (error_message IS NOT NULL))
);
CREATE INDEX scans_due ON scans (id) WHERE finished_at IS NULL;

CREATE TRIGGER a_scan_status_never_goes_backwards
BEFORE UPDATE OF status ON scans
WHEN NEW.status <> OLD.status
    AND (SELECT position FROM scan_statuses WHERE status = NEW.status)
        <= (SELECT position FROM scan_statuses WHERE status = OLD.status)
BEGIN
    SELECT RAISE(ABORT, 'a scan status never goes backwards');
END;
