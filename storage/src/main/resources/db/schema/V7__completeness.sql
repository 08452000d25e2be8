-- What proves each market's completeness, and what the ledger says of it: by instrument and day, and by market.

CREATE TABLE evidence (
    exchange text NOT NULL,
    market   text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('ids', 'connection')),
    PRIMARY KEY (exchange, market)
);
COMMENT ON TABLE evidence IS 'What proves that no trade of a market is missing; nothing is claimed beyond it';
COMMENT ON COLUMN evidence.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN evidence.market IS 'spot or futures';
COMMENT ON COLUMN evidence.kind IS 'ids: the numbers of trades follow each other, so that each missing one is known; connection: numbers prove nothing, a connection that delivered without a break does';
INSERT INTO evidence VALUES
    ('binance', 'spot', 'ids'), ('binance', 'futures', 'ids'),
    ('bybit', 'spot', 'connection'), ('bybit', 'futures', 'connection'),
    ('okx', 'spot', 'ids'), ('okx', 'futures', 'ids'),
    ('kucoin', 'spot', 'connection'), ('kucoin', 'futures', 'connection'),
    ('gate', 'spot', 'ids'), ('gate', 'futures', 'ids'),
    ('phemex', 'spot', 'connection'), ('phemex', 'futures', 'connection'),
    ('upbit', 'spot', 'connection');

CREATE TABLE consumed_ids (
    sequence      bigint NOT NULL,
    executed_at   timestamptz NOT NULL,
    instrument_id integer NOT NULL REFERENCES instruments,
    reason        text NOT NULL,
    PRIMARY KEY (instrument_id, sequence)
);
CREATE INDEX ON consumed_ids USING brin (executed_at);
COMMENT ON TABLE consumed_ids IS 'Numbers that the exchange used for something that is no public trade: with them a break in the stored numbers can be told from a lost trade; kept as long as trades';
COMMENT ON COLUMN consumed_ids.sequence IS 'The number, as in trades.sequence';
COMMENT ON COLUMN consumed_ids.executed_at IS 'The exchange''s clock';
COMMENT ON COLUMN consumed_ids.instrument_id IS 'Which instrument: instruments.id';
COMMENT ON COLUMN consumed_ids.reason IS 'The exchange''s own word for it: NA, INSURANCE_FUND, ADL and so on';

ALTER TABLE trade_counts
    ADD COLUMN first_executed_at timestamptz,
    ADD COLUMN last_executed_at  timestamptz,
    ADD COLUMN first_id          text COLLATE "C",
    ADD COLUMN last_id           text COLLATE "C";
COMMENT ON COLUMN trade_counts.first_executed_at IS 'When the trade of first_id was executed; null without one';
COMMENT ON COLUMN trade_counts.last_executed_at IS 'When the trade of last_id was executed; null without one';
COMMENT ON COLUMN trade_counts.first_id IS 'Of the trades received in the hour, by whatever way, the one executed first: its contiguous number, or its id where the exchange has none; null where all rows were repeats or rejected';
COMMENT ON COLUMN trade_counts.last_id IS 'The same of the one executed last';
CREATE INDEX ON trade_counts USING brin (((hour AT TIME ZONE 'UTC')::date));

CREATE INDEX ON holes ((coalesce(to_time, opened_at)));

CREATE OR REPLACE VIEW trade_count AS
SELECT i.exchange, i.market, i.symbol, hour,
       coalesce(c.received, 0) AS received, coalesce(c.stored, 0) AS stored, coalesce(c.duplicate, 0) AS duplicate,
       coalesce(r.rejected, 0) AS rejected, coalesce(r.unknown, 0) AS unknown, coalesce(c.late, 0) AS late,
       coalesce(c.consumed, 0) AS consumed,
       coalesce(c.received, 0) - coalesce(c.stored, 0) - coalesce(c.duplicate, 0) - coalesce(r.rejected, 0) AS unaccounted,
       c.first_id, c.last_id, c.first_executed_at, c.last_executed_at
FROM trade_counts c
FULL JOIN (SELECT instrument_id, hour, sum(rejected)::bigint AS rejected,
                  coalesce(sum(rejected) FILTER (WHERE reason = 'unknown_instrument'), 0)::bigint AS unknown
           FROM rejected_counts GROUP BY 1, 2) r
     USING (instrument_id, hour)
JOIN instruments i ON i.id = instrument_id;
COMMENT ON COLUMN trade_count.first_id IS 'Of the trades received in the hour the one executed first: its contiguous number, or its id where there is none';
COMMENT ON COLUMN trade_count.last_id IS 'The same of the one executed last';
COMMENT ON COLUMN trade_count.first_executed_at IS 'When the trade of first_id was executed';
COMMENT ON COLUMN trade_count.last_executed_at IS 'When the trade of last_id was executed';

-- Counts are those of the hours that begin within the stretch; a hole is in it where it reaches into it. Lives of
-- connections are put together before they are spread over their instruments: the half-hourly ones of a connection carry
-- the same ones, and a day of one instrument overlaps itself where one connection took over from another.
CREATE FUNCTION completeness_between(since timestamptz, until timestamptz)
RETURNS TABLE (exchange text, market text, symbol text, day date, evidence text, received bigint, stored bigint,
               duplicate bigint, rejected bigint, consumed bigint, unaccounted bigint, holes bigint, open_holes bigint,
               refilled bigint, never_public bigint, beyond_reach bigint, outage bigint, missing bigint,
               connected_seconds numeric, connected_from timestamptz, connected_to timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT i.exchange, i.market, i.symbol, s.day, e.kind, s.received, s.stored, s.duplicate, s.rejected, s.consumed,
       s.received - s.stored - s.duplicate - s.rejected,
       s.holes, s.open_holes, s.refilled, s.never_public, s.beyond_reach, s.outage, s.missing,
       s.connected_seconds, s.connected_from, s.connected_to
FROM (
    SELECT p.instrument_id, p.day,
           sum(p.received)::bigint AS received, sum(p.stored)::bigint AS stored, sum(p.duplicate)::bigint AS duplicate,
           sum(p.rejected)::bigint AS rejected, sum(p.consumed)::bigint AS consumed,
           count(p.cause) AS holes, count(p.cause) FILTER (WHERE p.outcome IS NULL) AS open_holes,
           count(*) FILTER (WHERE p.outcome = 'refilled') AS refilled,
           count(*) FILTER (WHERE p.outcome = 'never_public') AS never_public,
           count(*) FILTER (WHERE p.outcome = 'beyond_reach') AS beyond_reach,
           count(*) FILTER (WHERE p.outcome = 'outage') AS outage,
           sum(p.missing)::bigint AS missing,
           coalesce(max(p.connected_seconds), 0) AS connected_seconds,
           max(p.connected_from) AS connected_from, max(p.connected_to) AS connected_to
    FROM (
        SELECT instrument_id, (hour AT TIME ZONE 'UTC')::date AS day, received, stored, duplicate, 0::bigint AS rejected,
               consumed, NULL::text AS cause, NULL::text AS outcome, 0::bigint AS missing,
               NULL::numeric AS connected_seconds, NULL::timestamptz AS connected_from, NULL::timestamptz AS connected_to
        FROM trade_counts
        WHERE hour >= since AND hour < until
        UNION ALL
        SELECT instrument_id, (hour AT TIME ZONE 'UTC')::date, 0, 0, 0, rejected, 0, NULL, NULL, 0, NULL, NULL, NULL
        FROM rejected_counts
        WHERE hour >= since AND hour < until
        UNION ALL
        SELECT instrument_id, (greatest(coalesce(from_time, opened_at), since) AT TIME ZONE 'UTC')::date, 0, 0, 0, 0, 0,
               cause, outcome,
               CASE WHEN outcome IN ('beyond_reach', 'outage') THEN greatest(coalesce(expected, 0) - found, 0) ELSE 0 END,
               NULL, NULL, NULL
        FROM holes
        WHERE coalesce(to_time, opened_at) >= since AND coalesce(from_time, opened_at) < until
        UNION ALL
        SELECT c.instrument_id, c.day, 0, 0, 0, 0, 0, NULL, NULL, 0,
               (SELECT round(sum(extract(epoch FROM upper(part) - lower(part)))::numeric, 6) FROM unnest(c.spans) part),
               lower(c.spans), upper(c.spans)
        FROM (SELECT carried.instrument_id, l.day, range_agg(part.span) AS spans
              FROM (SELECT k.instrument_ids, d.midnight::date AS day,
                           range_agg(tstzrange(greatest(k.delivering_at, since, d.midnight AT TIME ZONE 'UTC'),
                                               least(coalesce(k.ended_at, k.seen_at), until,
                                                     (d.midnight + interval '1 day') AT TIME ZONE 'UTC'))) AS spans
                    FROM connections k
                    CROSS JOIN LATERAL generate_series(
                        date_trunc('day', greatest(k.delivering_at, since) AT TIME ZONE 'UTC'),
                        least(coalesce(k.ended_at, k.seen_at), until) AT TIME ZONE 'UTC',
                        interval '1 day') AS d (midnight)
                    WHERE k.delivering_at < until AND (k.ended_at > since OR k.ended_at IS NULL)
                      AND k.delivering_at < coalesce(k.ended_at, k.seen_at) AND coalesce(k.ended_at, k.seen_at) > since
                    GROUP BY 1, 2) l
              CROSS JOIN LATERAL unnest(l.spans) AS part (span)
              CROSS JOIN LATERAL unnest(l.instrument_ids) AS carried (instrument_id)
              GROUP BY 1, 2) c
    ) p
    GROUP BY 1, 2
) s
JOIN instruments i ON i.id = s.instrument_id
LEFT JOIN evidence e ON e.exchange = i.exchange AND e.market = i.market
$$;
COMMENT ON FUNCTION completeness_between IS 'The view completeness for a stretch of time, give whole hours: what was received in them, which holes reach into it, and how long connections had each instrument';

CREATE VIEW completeness AS SELECT * FROM completeness_between('-infinity', 'infinity');
COMMENT ON VIEW completeness IS 'Whether the trades of an instrument and day are complete, as far as its evidence can show; give days, or ask completeness_between(from, to)';
COMMENT ON COLUMN completeness.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN completeness.market IS 'spot or futures';
COMMENT ON COLUMN completeness.symbol IS 'The exchange''s own spelling; ? stands for every symbol that is not collected';
COMMENT ON COLUMN completeness.day IS 'UTC: of receipt, and for holes of their beginning';
COMMENT ON COLUMN completeness.evidence IS 'ids: a missing trade is known by its number; connection: only an unbroken connection is proof (see the table evidence)';
COMMENT ON COLUMN completeness.received IS 'Trade rows read, whatever became of them; without consumed ids';
COMMENT ON COLUMN completeness.stored IS 'Rows that are in trades, or were until they were dropped for their age';
COMMENT ON COLUMN completeness.duplicate IS 'Rows of trades that were there already';
COMMENT ON COLUMN completeness.rejected IS 'Rows that were not stored, for a reason in rejected_counts';
COMMENT ON COLUMN completeness.consumed IS 'Ids that were no public trades; not part of received';
COMMENT ON COLUMN completeness.unaccounted IS 'received - stored - duplicate - rejected: 0, but for rows that are on their way';
COMMENT ON COLUMN completeness.holes IS 'Stretches that were known to be missing and began on this day, whatever became of them';
COMMENT ON COLUMN completeness.open_holes IS 'Those whose outcome is not known yet';
COMMENT ON COLUMN completeness.refilled IS 'Those of which everything came after all';
COMMENT ON COLUMN completeness.never_public IS 'Those whose numbers the exchange has no trade for';
COMMENT ON COLUMN completeness.beyond_reach IS 'Those that the exchange does not tell of any more';
COMMENT ON COLUMN completeness.outage IS 'Those given up since the exchange gave no answer for a day';
COMMENT ON COLUMN completeness.missing IS 'Trades known to be missing for good, in holes beyond reach or of an outage; where their number is unknown they are not counted';
COMMENT ON COLUMN completeness.connected_seconds IS 'For how long of the day at least one connection had it subscribed';
COMMENT ON COLUMN completeness.connected_from IS 'Our clock, when the first of them had; null without one';
COMMENT ON COLUMN completeness.connected_to IS 'Our clock, when the last of them still had; null without one';

CREATE VIEW completeness_by_market AS
SELECT exchange, market, day, evidence, count(*) FILTER (WHERE symbol <> '?') AS instruments,
       sum(received)::bigint AS received, sum(stored)::bigint AS stored, sum(duplicate)::bigint AS duplicate,
       sum(rejected)::bigint AS rejected, sum(consumed)::bigint AS consumed, sum(unaccounted)::bigint AS unaccounted,
       sum(holes)::bigint AS holes, sum(open_holes)::bigint AS open_holes, sum(refilled)::bigint AS refilled,
       sum(never_public)::bigint AS never_public, sum(beyond_reach)::bigint AS beyond_reach, sum(outage)::bigint AS outage,
       sum(missing)::bigint AS missing, sum(connected_seconds) AS connected_seconds
FROM completeness
GROUP BY exchange, market, day, evidence;
COMMENT ON VIEW completeness_by_market IS 'The sums of completeness by market and day';
COMMENT ON COLUMN completeness_by_market.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN completeness_by_market.market IS 'spot or futures';
COMMENT ON COLUMN completeness_by_market.day IS 'UTC: of receipt, and for holes of their beginning';
COMMENT ON COLUMN completeness_by_market.evidence IS 'ids or connection';
COMMENT ON COLUMN completeness_by_market.instruments IS 'How many instruments had a row, a hole or a connection';
COMMENT ON COLUMN completeness_by_market.received IS 'Trade rows read, whatever became of them; without consumed ids';
COMMENT ON COLUMN completeness_by_market.stored IS 'Rows that are in trades, or were until they were dropped for their age';
COMMENT ON COLUMN completeness_by_market.duplicate IS 'Rows of trades that were there already';
COMMENT ON COLUMN completeness_by_market.rejected IS 'Rows that were not stored';
COMMENT ON COLUMN completeness_by_market.consumed IS 'Ids that were no public trades';
COMMENT ON COLUMN completeness_by_market.unaccounted IS '0, but for rows that are on their way';
COMMENT ON COLUMN completeness_by_market.holes IS 'Stretches that were known to be missing';
COMMENT ON COLUMN completeness_by_market.open_holes IS 'Those whose outcome is not known yet';
COMMENT ON COLUMN completeness_by_market.refilled IS 'Those of which everything came after all';
COMMENT ON COLUMN completeness_by_market.never_public IS 'Those whose numbers the exchange has no trade for';
COMMENT ON COLUMN completeness_by_market.beyond_reach IS 'Those that the exchange does not tell of any more';
COMMENT ON COLUMN completeness_by_market.outage IS 'Those given up since the exchange gave no answer for a day';
COMMENT ON COLUMN completeness_by_market.missing IS 'Trades known to be missing for good, as far as their number is known';
COMMENT ON COLUMN completeness_by_market.connected_seconds IS 'The sum over its instruments';
