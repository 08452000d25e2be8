-- What was done about each hole; holes of markets whose numbers prove nothing.

ALTER TABLE holes
    ADD COLUMN tries    integer NOT NULL DEFAULT 0,
    ADD COLUMN tried_at timestamptz;
COMMENT ON COLUMN holes.tries IS 'How often the exchange was asked for it by REST';
COMMENT ON COLUMN holes.tried_at IS 'When it was asked last, our clock; null if never';
COMMENT ON COLUMN holes.cause IS 'missing_ids: a higher number came; restart: of metdc; disconnect: no connection carried it; silence: too long for this instrument; overflow: received and no room; numbering: a jump too far to be counted; damage: of the journal; journal_lost: its folder, or a database older than it reaches back';
COMMENT ON COLUMN holes.from_time IS 'Executed time of the last trade before it; null if unknown';
COMMENT ON COLUMN holes.to_time IS 'Executed time of the first trade after it; without numbers the time by our clock from which on a connection carried it again; null if unknown';
COMMENT ON COLUMN holes.expected IS 'How many trades are missing; null if unknown, as always without numbers';
COMMENT ON COLUMN holes.found IS 'How many of them came later, or turned out to be no public trades; without numbers the trades within it that REST brought';
COMMENT ON COLUMN holes.outcome IS 'refilled: nothing of it is missing; never_public: what is missing never was a public trade, since REST has its neighbours and not it; beyond_reach: REST does not reach what is missing; outage: the exchange gave no answer for a day; null while it is open';
COMMENT ON COLUMN listings.complete IS 'Whether no market that has the coin has a gap in the core window, or lost a row there that comes by no other way';

COMMENT ON COLUMN hole.from_time IS 'Executed time of the last trade before it; null if unknown';
COMMENT ON COLUMN hole.to_time IS 'Executed time of the first trade after it; without numbers the time by our clock from which on a connection carried it again';

ALTER TABLE trade_counts ADD COLUMN by_rest bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN trade_counts.by_rest IS 'Those of the received rows that were asked for by REST, to fill a hole or to look back';
