-- Captions are found by what every search looks into (captions.search); nobody asks this index any more.

DROP INDEX captions_words;
