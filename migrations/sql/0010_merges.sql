-- Profiles that are parts of others, and those that only look alike.

ALTER TABLE candidate
    ADD FOREIGN KEY (workspace_id, merged_into) REFERENCES candidate (workspace_id, id),
    ADD CHECK (merged_into <> id);
ALTER TABLE candidate_merge
    ADD FOREIGN KEY (workspace_id, kept_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, gone_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
ALTER TABLE candidate_apart ADD UNIQUE (one_id, other_id), ADD CHECK (one_id < other_id),
    ADD FOREIGN KEY (workspace_id, one_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, other_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);

-- One mailbox under several spellings, and one telephone with and without its country.
CREATE FUNCTION mailbox(folded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN split_part(folded, '@', 2) IN ('gmail.com', 'googlemail.com')
        THEN replace(split_part(split_part(folded, '@', 1), '+', 1), '.', '') || '@gmail.com'
        ELSE split_part(split_part(folded, '@', 1), '+', 1) || '@' || split_part(folded, '@', 2) END
$$;
CREATE FUNCTION digits(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT right(regexp_replace(phone, '[^0-9]', '', 'g'), 9)
$$;
CREATE INDEX candidate_mailbox ON candidate (workspace_id, mailbox(folded));
CREATE INDEX candidate_digits ON candidate (workspace_id, digits(phone)) WHERE phone <> '';
