-- The LLM that a partner brings; at most one each.
CREATE TABLE llm_providers (
    partner_id BIGINT NOT NULL PRIMARY KEY REFERENCES partners (id),
    kind TEXT NOT NULL CHECK (kind IN ('openai', 'anthropic', 'ollama')),
    model TEXT NOT NULL,
    base_url TEXT NOT NULL,
    -- Whether base_url may lead into a private network.
    private_network BOOLEAN NOT NULL,
    -- NULL where the provider takes none.
    sealed_key BLOB,
    updated_at BIGINT NOT NULL
);
