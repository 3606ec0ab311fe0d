-- A note as it is read: members whom it names as <@id> by their names.

CREATE FUNCTION spoken(body text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    named text;
BEGIN
    FOR named IN SELECT DISTINCT mark[1] FROM regexp_matches(
        body, '<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>', 'g') AS mark
    LOOP
        body := replace(body, '<@' || named || '>',
                        '@' || coalesce((SELECT name FROM member WHERE id = named::uuid), 'somebody'));
    END LOOP;
    RETURN body;
END $$;
