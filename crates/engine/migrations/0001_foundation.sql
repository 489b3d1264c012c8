-- Times are milliseconds since 1970-01-01T00:00:00Z; JSON is text. Plain SQL
-- wherever plain SQL will do, so that another database can follow.

-- What this database is bound to, such as the master key that sealed it.
CREATE TABLE deployment (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

CREATE TABLE partners (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE webhook_secrets (
    id INTEGER PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL for the one that callbacks are signed with.
    accepted_until BIGINT
);
CREATE INDEX webhook_secrets_of_partner ON webhook_secrets (partner_id);

CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    kind TEXT NOT NULL CHECK (kind IN ('api_token', 'github_actions')),
    -- SHA-256 of the key; the key itself is nowhere.
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    name TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    name TEXT NOT NULL,
    base_url TEXT,
    -- Of base_url: a job belongs to the project with its target's origin.
    origin TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (partner_id, name)
);
CREATE INDEX projects_of_origin ON projects (partner_id, origin);

CREATE TABLE job_statuses (
    status TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
);
INSERT INTO job_statuses (status, position) VALUES
    ('accepted', 0),
    ('crawling', 1),
    ('generating', 2),
    ('executing', 3),
    ('scoring', 4),
    ('callback_pending', 5),
    ('failed', 6),
    ('callback_failed', 6),
    -- Behind callback_failed: an operator's replay may still arrive.
    ('callback_sent', 7);

-- Not `jobs`: the queue's own table has that name.
CREATE TABLE webhook_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id BIGINT NOT NULL REFERENCES partners (id),
    project_id BIGINT NOT NULL REFERENCES projects (id),
    status TEXT NOT NULL REFERENCES job_statuses (status),
    target_url TEXT NOT NULL,
    feature_description TEXT NOT NULL,
    callback_url TEXT NOT NULL,
    -- As it was sent, to the digit.
    custom_data TEXT NOT NULL,
    options TEXT NOT NULL,
    -- Sealed; NULL where there were none, and once the job has ended.
    credentials BLOB,
    accepted_at BIGINT NOT NULL,
    -- How often a process took it up.
    starts INTEGER NOT NULL DEFAULT 0,
    -- The end of scoring, or of whatever ended the job early.
    finished_at BIGINT,
    pages_crawled INTEGER,
    quality_score INTEGER,
    result TEXT CHECK (result IN ('passed', 'failed', 'error', 'below_threshold', 'not_executed')),
    -- With result 'error': the stage that failed, and why.
    failed_stage TEXT,
    error_message TEXT
);
CREATE INDEX webhook_jobs_of_project ON webhook_jobs (project_id, id);

CREATE TRIGGER a_job_status_never_goes_backwards
BEFORE UPDATE OF status ON webhook_jobs
WHEN NEW.status <> OLD.status
    AND (SELECT position FROM job_statuses WHERE status = NEW.status)
        <= (SELECT position FROM job_statuses WHERE status = OLD.status)
BEGIN
    SELECT RAISE(ABORT, 'a job status never goes backwards');
END;

-- What each stage handed to the next; removed when the job has ended.
CREATE TABLE job_stages (
    job_id TEXT NOT NULL REFERENCES webhook_jobs (id),
    stage TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    output TEXT NOT NULL,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, stage, attempt)
);

CREATE TABLE scripts (
    id INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES webhook_jobs (id),
    framework TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    quality TEXT NOT NULL
);
CREATE INDEX scripts_of_job ON scripts (job_id);

CREATE TABLE executions (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES webhook_jobs (id),
    script_id BIGINT NOT NULL REFERENCES scripts (id),
    status TEXT NOT NULL,
    browser TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    console_logs TEXT NOT NULL,
    test_output TEXT NOT NULL,
    error_message TEXT
);
CREATE INDEX executions_of_job ON executions (job_id);

CREATE TABLE artifacts (
    execution_id TEXT NOT NULL REFERENCES executions (id),
    kind TEXT NOT NULL CHECK (kind IN ('screenshot', 'video')),
    -- In the object store; can't be guessed.
    object TEXT NOT NULL UNIQUE,
    PRIMARY KEY (execution_id, kind)
);

-- The one callback of a job: serialised once, signed once.
CREATE TABLE callbacks (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES webhook_jobs (id),
    delivery_id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    body BLOB NOT NULL,
    signature TEXT NOT NULL,
    -- Of the attempts that the schedule counts; a replay is not one of them.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- NULL once it was delivered or given up.
    next_attempt_at BIGINT
);
CREATE INDEX callbacks_due ON callbacks (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE callback_attempts (
    job_id TEXT NOT NULL REFERENCES callbacks (job_id),
    attempt INTEGER NOT NULL,
    started_at BIGINT NOT NULL,
    -- NULL while under way, and for good where the process was killed.
    duration_ms BIGINT,
    http_status INTEGER,
    error TEXT,
    PRIMARY KEY (job_id, attempt)
);

CREATE TABLE test_cases (
    id INTEGER PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    steps TEXT NOT NULL,
    expected_results TEXT NOT NULL,
    category TEXT NOT NULL,
    priority INTEGER NOT NULL,
    tags TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX test_cases_of_project ON test_cases (project_id);
