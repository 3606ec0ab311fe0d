-- A stage knows how many cards stand in it, whoever put them there: the board and the lists show it without counting.
-- The trigger fires for every card by itself; all that move cards hold the job's row, so they wait in one order.

CREATE FUNCTION count_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE stage SET people = people - 1 WHERE id = OLD.stage_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE stage SET people = people + 1 WHERE id = NEW.stage_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_people AFTER INSERT OR DELETE ON application
    FOR EACH ROW EXECUTE FUNCTION count_people();
CREATE TRIGGER count_people_moved AFTER UPDATE OF stage_id ON application
    FOR EACH ROW WHEN (OLD.stage_id IS DISTINCT FROM NEW.stage_id) EXECUTE FUNCTION count_people();

UPDATE stage s SET people = (SELECT count(*) FROM application a WHERE a.stage_id = s.id);

-- Answers that nobody has opened: few, whatever the number of candidates.
CREATE INDEX application_fresh ON application (job_id) WHERE submitted_at IS NOT NULL AND opened_at IS NULL;
