-- Whom an event of many concerns: applications, or for tags people. A person's timeline finds such events by them, however
-- many there are; nothing is left for later (fastupdate), so that reading costs the same after a busy hour.

CREATE FUNCTION touched(payload jsonb) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT (one #>> '{}')::uuid FROM jsonb_path_query(payload, '$.steps[*].application') AS one
        UNION SELECT (one #>> '{}')::uuid FROM jsonb_path_query(payload, '$.messages[*].application') AS one
        UNION SELECT (one #>> '{}')::uuid FROM jsonb_path_query(payload, '$.candidates[*]') AS one)
$$;
CREATE INDEX event_touched ON event USING gin (touched(payload)) WITH (fastupdate = off)
    WHERE kind IN ('applications_moved', 'assigned_together', 'candidates_tagged', 'messages_written');
