-- Chinese, Japanese and Korean stand without spaces: what is one word for Postgres is a sentence. Their runs are kept, and
-- sought, as all pairs of neighbouring letters, so that a word is found wherever it stands.
-- Functions name their schema: a backup is restored without any on the search path.

-- As before, and: letters that NFKD takes apart (Hangul, voiced kana) are put together again, and what is punctuation
-- outside of ASCII parts words as well.
CREATE OR REPLACE FUNCTION searchable(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(
        replace(replace(replace(
            lower(normalize(
                regexp_replace(
                    regexp_replace(
                        normalize(left(words, 200000), NFKD), '[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]', '', 'g'),
                    '[\u00a1\u00ab\u00b7\u00bb\u00bf\u2010-\u205e\u3001-\u3003\u3008-\u3020\u3030\u303d\u30fb]', ' ', 'g'),
                NFC)),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
        'øłđðı' || '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~',
        'olddi' || '                                ')
$$;
-- A letter of a script that is written without spaces, or, as Korean, with endings that join the word.
CREATE FUNCTION unspaced() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u3035\u303b\u3041-\u30fa\u30fc-\u31ff'
        || '\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]'
$$;
-- The same words with every such run as its pairs, from the first letter on and from the second on; its last letter stands
-- alone as well, so that every letter begins something. As many letters as fit into a tsvector, should all pairs differ.
CREATE FUNCTION in_pairs(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN words ~ public.unspaced() THEN (
        SELECT regexp_replace(regexp_replace(kept, '(' || one || '+)', ' \1 ', 'g'), '(' || one || one || ')', '\1 ', 'g')
            || ' '
            || regexp_replace(
                regexp_replace(kept, '(' || one || ')(' || one || '*)', ' \1 \2 ', 'g'), '(' || one || one || ')', '\1 ', 'g')
        FROM (SELECT left(words, 80000) AS kept, public.unspaced() AS one) AS given
    ) ELSE words END
$$;
CREATE OR REPLACE FUNCTION words_in(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT strip(to_tsvector('simple'::regconfig, public.in_pairs(public.searchable(words))))
$$;
-- A word as it begins; of fewer than three letters, the whole word. Of a run its pairs; a single letter, wherever it is.
CREATE OR REPLACE FUNCTION sought(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg('''' || lexeme || '''' || CASE WHEN alone OR (ends AND long) THEN ':*' ELSE '' END, ' & '), '')
        ::tsquery
    FROM (
        SELECT lexeme, long, alone, bool_or(lexeme ~ ('^' || one || one || '$')) OVER () AS paired,
            positions[cardinality(positions)] = max(positions[cardinality(positions)]) OVER () AS ends
        FROM (SELECT plain, one, length(btrim(plain)) > 2 AS long
              FROM (SELECT public.searchable(word) AS plain, public.unspaced() AS one) AS given) AS given,
            unnest(to_tsvector('simple'::regconfig, public.in_pairs(plain))) AS found,
            CAST(lexeme ~ ('^' || one || '$') AS bool) AS alone
    ) AS lexemes
    WHERE NOT (alone AND paired)
$$;

ALTER TABLE note DROP COLUMN search;
ALTER TABLE note ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(body)) STORED;
ALTER TABLE answer DROP COLUMN search;
ALTER TABLE answer ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(text)) STORED;
ALTER TABLE captions DROP COLUMN search;
ALTER TABLE captions ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(words)) STORED;
ALTER TABLE candidate_file DROP COLUMN search;
ALTER TABLE candidate_file ADD COLUMN search tsvector GENERATED ALWAYS AS (words_in(text)) STORED;
CREATE INDEX note_search ON note USING gin (search);
CREATE INDEX answer_search ON answer USING gin (search);
CREATE INDEX captions_search ON captions USING gin (search);
CREATE INDEX candidate_file_search ON candidate_file USING gin (search);
