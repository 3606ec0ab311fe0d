-- Where the files of this database lie, as the application knows it, and what a change of that added to the epoch.
CREATE TABLE IF NOT EXISTS realtime_place (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    place text NOT NULL,
    word  text NOT NULL
);
