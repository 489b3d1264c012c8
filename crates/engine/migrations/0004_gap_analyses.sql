CREATE TABLE gap_statuses (
    status TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
);
INSERT INTO gap_statuses (status, position) VALUES
    ('queued', 0),
    ('running', 1),
    ('completed', 2),
    ('failed', 2);

-- Its own queue: what is queued, or was running when the last process ended, is
-- to be worked on.
CREATE TABLE gap_analyses (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    project_id BIGINT NOT NULL REFERENCES projects (id),
    categories TEXT NOT NULL,
    max_tests_per_category INTEGER NOT NULL,
    status TEXT NOT NULL REFERENCES gap_statuses (status),
    progress DOUBLE PRECISION NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    -- How often a process took it up.
    starts INTEGER NOT NULL DEFAULT 0,
    queued_at BIGINT NOT NULL,
    finished_at BIGINT,
    error_message TEXT
);
CREATE INDEX gap_analyses_due ON gap_analyses (id) WHERE finished_at IS NULL;

CREATE TRIGGER a_gap_analysis_never_goes_backwards
BEFORE UPDATE ON gap_analyses
WHEN NEW.progress < OLD.progress
    OR (NEW.status <> OLD.status
        AND (SELECT position FROM gap_statuses WHERE status = NEW.status)
            <= (SELECT position FROM gap_statuses WHERE status = OLD.status))
BEGIN
    SELECT RAISE(ABORT, 'a gap analysis never goes backwards');
END;

CREATE TABLE gaps (
    analysis_id TEXT NOT NULL REFERENCES gap_analyses (id),
    -- Riskiest first, from 0.
    position INTEGER NOT NULL,
    category TEXT NOT NULL CHECK (category IN ('e2e', 'security', 'integration')),
    unit TEXT NOT NULL,
    file TEXT NOT NULL,
    line BIGINT NOT NULL,
    risk TEXT NOT NULL,
    test_case_id BIGINT NOT NULL REFERENCES test_cases (id),
    PRIMARY KEY (analysis_id, position)
);
