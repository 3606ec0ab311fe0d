-- Which job an event happened in: by its subject.
CREATE FUNCTION job_of_event(subject text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN subject LIKE 'job:%' THEN substr(subject, 5)::uuid
        WHEN subject LIKE 'application:%' THEN (SELECT a.job_id FROM application a WHERE a.id = substr(subject, 13)::uuid)
    END
$$;

CREATE FUNCTION set_job_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.job_id := job_of_event(NEW.subject);
    RETURN NEW;
END
$$;

UPDATE event SET job_id = job_of_event(subject);

CREATE TRIGGER event_job BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION set_job_of_event();
CREATE INDEX event_of_job ON event (job_id, at, id);
CREATE INDEX event_undone ON event ((payload ->> 'undoes')) WHERE payload ->> 'undoes' IS NOT NULL;
