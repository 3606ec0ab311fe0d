-- The delivery log: one row per topic with its head, one row per event, kept for about a week.
-- Idempotent, so that a migration and a test can both run it.

CREATE TABLE IF NOT EXISTS realtime_topic (
    topic text COLLATE "C" PRIMARY KEY,
    seq   bigint NOT NULL
) WITH (fillfactor = 70);  -- heads are updated in place all day

CREATE TABLE IF NOT EXISTS realtime_log (
    topic   text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    payload bytea NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, seq)
);

CREATE INDEX IF NOT EXISTS realtime_log_at ON realtime_log USING brin (at);

-- Where the files of this database lie, as the application knows it, and what a change of that added to the epoch.
CREATE TABLE IF NOT EXISTS realtime_place (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    place text NOT NULL,
    word  text NOT NULL
);
