-- Words are searched as Postgres keeps them: without accents, case and punctuation, in every script, without stemming.
-- Functions name their schema: a backup is restored without any on the search path.

CREATE FUNCTION searchable(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(
        replace(replace(replace(
            lower(regexp_replace(normalize(left(words, 200000), NFKD), '[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]', '', 'g')),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
        'øłđðı' || '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
        'olddi' || '                                ')
$$;
CREATE FUNCTION words_in(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT strip(to_tsvector('simple'::regconfig, public.searchable(words)))
$$;
-- A word as it begins; of fewer than three letters, the whole word.
CREATE FUNCTION sought(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN numnode(found) > 0 AND length(btrim(public.searchable(word))) > 2 THEN (found::text || ':*')::tsquery ELSE found END
    FROM plainto_tsquery('simple'::regconfig, public.searchable(word)) AS found
$$;

ALTER TABLE note ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(body)) STORED;
ALTER TABLE answer ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(text)) STORED;
ALTER TABLE captions ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(words)) STORED;
ALTER TABLE candidate_file ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(text)) STORED;
CREATE INDEX note_search ON note USING gin (search);
CREATE INDEX answer_search ON answer USING gin (search);
CREATE INDEX captions_search ON captions USING gin (search);
CREATE INDEX candidate_file_search ON candidate_file USING gin (search);
