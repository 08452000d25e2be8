-- Flyway makes its own table before any migration, so it gets its comments here, after each run.
COMMENT ON TABLE ${flyway:table} IS 'Which versions of the schema were made here and when; kept by Flyway';
COMMENT ON COLUMN ${flyway:table}.installed_rank IS 'The order in which they were made';
COMMENT ON COLUMN ${flyway:table}.version IS 'The version of the schema';
COMMENT ON COLUMN ${flyway:table}.description IS 'What it brought';
COMMENT ON COLUMN ${flyway:table}.type IS 'SQL, or BASELINE for what was there before metdc';
COMMENT ON COLUMN ${flyway:table}.script IS 'The file of metdc that made it';
COMMENT ON COLUMN ${flyway:table}.checksum IS 'Of that file';
COMMENT ON COLUMN ${flyway:table}.installed_by IS 'The role that made it';
COMMENT ON COLUMN ${flyway:table}.installed_on IS 'When, the server''s clock';
COMMENT ON COLUMN ${flyway:table}.execution_time IS 'How long it took, milliseconds';
COMMENT ON COLUMN ${flyway:table}.success IS 'Whether it was made completely';
