-- Captions belong to a workspace and go with their recording; what is said in them is found by its words.

ALTER TABLE captions ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD FOREIGN KEY (recording_id) REFERENCES recording (id) ON DELETE CASCADE;
CREATE INDEX captions_words ON captions USING gin (to_tsvector('simple', words));
