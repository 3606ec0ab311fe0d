-- A file was brought by a member, or by the candidate with one of their applications.

ALTER TABLE candidate_file
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id),
    ADD CHECK (num_nonnulls(member_id, application_id) = 1);
