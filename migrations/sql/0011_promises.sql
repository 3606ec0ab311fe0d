-- Reply promises: which of them are late and not told of is found by an index, and a card that leaves the stage that
-- promised, or goes to where a decision stands, ends its promise, whoever moves it. Going back takes that back.

ALTER TABLE application ADD CHECK ((promise_due IS NULL) = (promised_at IS NULL));
ALTER TABLE job ADD CHECK (promise_days >= 0);
CREATE INDEX application_promised ON application (promise_due)
    WHERE promise_due IS NOT NULL AND promise_left IS NULL AND NOT promise_told;
CREATE INDEX application_waits ON application (workspace_id, promise_due)
    WHERE promise_due IS NOT NULL AND promise_left IS NULL;

CREATE FUNCTION promise_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage_id = NEW.promise_left THEN
        NEW.promise_left := NULL;
    ELSIF NEW.promise_left IS NULL AND (OLD.stage_id = NEW.promise_stage OR EXISTS (
        SELECT 1 FROM stage WHERE id = NEW.stage_id AND kind IN ('offer', 'hired', 'declined'))) THEN
        NEW.promise_left := OLD.stage_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promise_follows BEFORE UPDATE OF stage_id ON application FOR EACH ROW
    WHEN (NEW.promise_due IS NOT NULL AND OLD.stage_id IS DISTINCT FROM NEW.stage_id)
    EXECUTE FUNCTION promise_follows();

ALTER TABLE notice DROP CONSTRAINT notice_kind_check, ADD CONSTRAINT notice_kind_check CHECK (kind IN (
    'submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved', 'imported', 'made_owner',
    'made_reviewer', 'mentioned', 'noted', 'overdue'));
