-- Everything metdc stores, and the views that analysts read. ${partitioning} is empty where TimescaleDB cuts the table itself.

CREATE TABLE metadata (
    key   text PRIMARY KEY,
    value text NOT NULL
);
COMMENT ON TABLE metadata IS 'What metdc remembers about this database';
COMMENT ON COLUMN metadata.key IS 'table_kind: partitions or hypertable, chosen when the tables were made; created_by: the metdc that made them; max_disk_bytes: the limit worked out at the first start';
COMMENT ON COLUMN metadata.value IS 'The value as text';

CREATE TABLE instruments (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    exchange      text NOT NULL,
    market        text NOT NULL,
    symbol        text NOT NULL COLLATE "C",
    base          text NOT NULL,
    quote         text NOT NULL,
    settle        text NOT NULL,
    UNIQUE (exchange, market, symbol)
);
COMMENT ON TABLE instruments IS 'What is traded on a market; the symbol "?" stands for every symbol of a market that is not collected';
COMMENT ON COLUMN instruments.id IS 'Used in place of the names everywhere else';
COMMENT ON COLUMN instruments.first_seen_at IS 'When metdc first saw it';
COMMENT ON COLUMN instruments.last_seen_at IS 'When metdc last saw it in the list of its exchange, or first saw a trade of it';
COMMENT ON COLUMN instruments.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN instruments.market IS 'spot or futures (perpetual, settled in USDT)';
COMMENT ON COLUMN instruments.symbol IS 'The exchange''s own spelling: BTCUSDT; unique within exchange and market only';
COMMENT ON COLUMN instruments.base IS 'The base asset as the exchange names it: BTC, 1000PEPE';
COMMENT ON COLUMN instruments.quote IS 'The asset in which the price is written: USDT';
COMMENT ON COLUMN instruments.settle IS 'The asset in which gains are paid; the quote on spot markets';

CREATE TABLE instrument_terms (
    instrument_id integer NOT NULL REFERENCES instruments,
    valid_from    timestamptz NOT NULL,
    valid_to      timestamptz NOT NULL DEFAULT 'infinity',
    contract_size numeric NOT NULL CHECK (contract_size > 0),
    multiplier    numeric NOT NULL CHECK (multiplier > 0),
    PRIMARY KEY (instrument_id, valid_from),
    CHECK (valid_from < valid_to)
);
COMMENT ON TABLE instrument_terms IS 'What turns an instrument''s sizes into coins, and since when: without gaps from -infinity to infinity';
COMMENT ON COLUMN instrument_terms.instrument_id IS 'Whose terms they are';
COMMENT ON COLUMN instrument_terms.valid_from IS 'They hold for trades executed then or later';
COMMENT ON COLUMN instrument_terms.valid_to IS 'and before this';
COMMENT ON COLUMN instrument_terms.contract_size IS 'Base units in one unit of trades.size: 1 where the exchange counts base units';
COMMENT ON COLUMN instrument_terms.multiplier IS 'Coins in one base unit: 1000 where the base is 1000PEPE, otherwise 1';

CREATE TABLE trades (
    executed_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    id_number     bigint NOT NULL,
    sequence      bigint,
    instrument_id integer NOT NULL,
    executed_ns   smallint NOT NULL,
    taker_side    smallint NOT NULL,
    origin        smallint NOT NULL,
    flags         smallint NOT NULL,
    price         numeric NOT NULL,
    size          numeric NOT NULL,
    id_text       text COLLATE "C" NOT NULL,
    UNIQUE (instrument_id, executed_at, id_number, id_text)
) ${partitioning};
COMMENT ON TABLE trades IS 'Every public trade, once, cut into hours of executed_at; read the view trade for names in place of numbers';
COMMENT ON COLUMN trades.executed_at IS 'The exchange''s clock, whole microseconds';
COMMENT ON COLUMN trades.received_at IS 'Our clock, when the frame was complete, whole microseconds';
COMMENT ON COLUMN trades.id_number IS 'The exchange''s trade id where it is a number of at most 18 digits, otherwise 0';
COMMENT ON COLUMN trades.sequence IS 'The contiguous number of the trade within its instrument; null where the exchange has none';
COMMENT ON COLUMN trades.instrument_id IS 'Which instrument: instruments.id';
COMMENT ON COLUMN trades.executed_ns IS 'The nanoseconds beyond executed_at: 0 to 999';
COMMENT ON COLUMN trades.taker_side IS 'The side that crossed the spread: 1 buy, -1 sell';
COMMENT ON COLUMN trades.origin IS 'How it reached us: 0 stream, 1 snapshot, 2 refill, 3 import';
COMMENT ON COLUMN trades.flags IS 'Bits: 1 block (agreed off the book), 2 rpi (retail price improvement)';
COMMENT ON COLUMN trades.price IS 'Quote asset per 1 base asset, exactly as the exchange wrote it';
COMMENT ON COLUMN trades.size IS 'As the exchange counts it: base asset, or contracts (see instrument_terms), exactly as it wrote it';
COMMENT ON COLUMN trades.id_text IS 'The exchange''s trade id where it is no such number, otherwise empty';

CREATE TABLE rejected_trades (
    received_at   timestamptz NOT NULL,
    instrument_id integer NOT NULL REFERENCES instruments,
    reason        text NOT NULL,
    detail        text NOT NULL
);
CREATE INDEX ON rejected_trades (received_at);
COMMENT ON TABLE rejected_trades IS 'Trade rows that were received and not stored, each with its reason; kept as long as trades';
COMMENT ON COLUMN rejected_trades.received_at IS 'Our clock, when the frame was complete';
COMMENT ON COLUMN rejected_trades.instrument_id IS 'Which instrument: instruments.id';
COMMENT ON COLUMN rejected_trades.reason IS 'malformed unknown_instrument implausible_time implausible_number time_unit overflow database repeat cut_group';
COMMENT ON COLUMN rejected_trades.detail IS 'What was wrong and the row as far as it could be read; for database with the SQLSTATE';

CREATE TABLE holes (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_id       bigint,
    to_id         bigint,
    from_time     timestamptz,
    to_time       timestamptz,
    expected      bigint,
    found         bigint NOT NULL DEFAULT 0,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    instrument_id integer NOT NULL REFERENCES instruments,
    cause         text NOT NULL,
    outcome       text,
    CHECK ((outcome IS NULL) = (closed_at IS NULL))
);
CREATE INDEX holes_open ON holes (instrument_id, from_id) WHERE outcome IS NULL;
COMMENT ON TABLE holes IS 'The ledger: every stretch of an instrument''s trades that was known to be missing, and what became of it';
COMMENT ON COLUMN holes.id IS 'In the order in which they were entered';
COMMENT ON COLUMN holes.from_id IS 'The first missing sequence number; null where the exchange has none';
COMMENT ON COLUMN holes.to_id IS 'The last missing sequence number; null where the exchange has none';
COMMENT ON COLUMN holes.from_time IS 'Executed time of the last trade before it; null if unknown';
COMMENT ON COLUMN holes.to_time IS 'Executed time of the first trade after it; null if unknown';
COMMENT ON COLUMN holes.expected IS 'How many trades are missing; null if unknown';
COMMENT ON COLUMN holes.found IS 'How many of them came later, or turned out to be no public trades';
COMMENT ON COLUMN holes.opened_at IS 'Our clock, when it was noticed';
COMMENT ON COLUMN holes.closed_at IS 'Our clock, when its outcome was known; null while it is open';
COMMENT ON COLUMN holes.instrument_id IS 'Which instrument: instruments.id';
COMMENT ON COLUMN holes.cause IS 'missing_ids, overflow, disconnect, outage and so on';
COMMENT ON COLUMN holes.outcome IS 'refilled, never_public, beyond_reach or outage; null while it is open';

CREATE TABLE trade_counts (
    hour          timestamptz NOT NULL,
    received      bigint NOT NULL DEFAULT 0,
    stored        bigint NOT NULL DEFAULT 0,
    duplicate     bigint NOT NULL DEFAULT 0,
    late          bigint NOT NULL DEFAULT 0,
    consumed      bigint NOT NULL DEFAULT 0,
    instrument_id integer NOT NULL,
    PRIMARY KEY (instrument_id, hour)
) WITH (fillfactor = 50);
CREATE INDEX ON trade_counts (hour);
COMMENT ON TABLE trade_counts IS 'What became of the trade rows received in an hour: received = stored + duplicate + rejected (rejected_counts) once all of them are through; kept for at least 90 days';
COMMENT ON COLUMN trade_counts.hour IS 'The hour of receipt, our clock';
COMMENT ON COLUMN trade_counts.received IS 'Trade rows read, whatever became of them; without consumed ids';
COMMENT ON COLUMN trade_counts.stored IS 'Rows that are in trades';
COMMENT ON COLUMN trade_counts.duplicate IS 'Rows of trades that were there already';
COMMENT ON COLUMN trade_counts.late IS 'Rows that came on a stream after one with a higher number, for the first time; kept, and counted in stored as well';
COMMENT ON COLUMN trade_counts.consumed IS 'Ids that the exchange used for something that is no public trade';
COMMENT ON COLUMN trade_counts.instrument_id IS 'Which instrument: instruments.id';

CREATE TABLE rejected_counts (
    hour          timestamptz NOT NULL,
    rejected      bigint NOT NULL,
    instrument_id integer NOT NULL,
    reason        text NOT NULL,
    PRIMARY KEY (instrument_id, hour, reason)
) WITH (fillfactor = 50);
CREATE INDEX ON rejected_counts (hour);
COMMENT ON TABLE rejected_counts IS 'Trade rows received in an hour and not stored, by reason';
COMMENT ON COLUMN rejected_counts.hour IS 'The hour of receipt, our clock';
COMMENT ON COLUMN rejected_counts.rejected IS 'How many';
COMMENT ON COLUMN rejected_counts.instrument_id IS 'Which instrument: instruments.id';
COMMENT ON COLUMN rejected_counts.reason IS 'As in rejected_trades';

CREATE TABLE journal_positions (
    journal    uuid PRIMARY KEY,
    position   bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE journal_positions IS 'How far each journal is stored: written in the transaction of the rows themselves';
COMMENT ON COLUMN journal_positions.journal IS 'The random id of a journal folder';
COMMENT ON COLUMN journal_positions.position IS 'Everything before this byte is stored';
COMMENT ON COLUMN journal_positions.updated_at IS 'When, by the server''s clock';

CREATE VIEW trade AS
SELECT i.exchange, i.market, i.symbol, i.base,
       t.executed_at, t.executed_ns, t.received_at,
       CASE WHEN t.id_text = '' THEN t.id_number::text ELSE t.id_text END AS trade_id,
       t.price,
       CASE k.contract_size WHEN 1 THEN t.size ELSE t.size * k.contract_size END AS quantity,
       CASE k.contract_size WHEN 1 THEN NULL ELSE t.size END AS contracts,
       CASE t.taker_side WHEN 1 THEN 'buy' ELSE 'sell' END AS taker_side,
       CASE t.origin WHEN 0 THEN 'stream' WHEN 1 THEN 'snapshot' WHEN 2 THEN 'refill' ELSE 'import' END AS origin,
       CASE t.flags WHEN 0 THEN '{}'::text[] WHEN 1 THEN '{block}' WHEN 2 THEN '{rpi}' ELSE '{block,rpi}' END AS flags
FROM trades t
JOIN instruments i ON i.id = t.instrument_id
LEFT JOIN instrument_terms k
       ON k.instrument_id = t.instrument_id AND k.valid_from <= t.executed_at AND t.executed_at < k.valid_to;
COMMENT ON VIEW trade IS 'Every public trade with names in place of numbers; give a stretch of executed_at, so that only its hours are read';
COMMENT ON COLUMN trade.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN trade.market IS 'spot or futures';
COMMENT ON COLUMN trade.symbol IS 'The exchange''s own spelling: BTCUSDT';
COMMENT ON COLUMN trade.base IS 'The base asset as the exchange names it';
COMMENT ON COLUMN trade.executed_at IS 'The exchange''s clock, whole microseconds';
COMMENT ON COLUMN trade.executed_ns IS 'The nanoseconds beyond executed_at: 0 to 999';
COMMENT ON COLUMN trade.received_at IS 'Our clock, when the frame was complete';
COMMENT ON COLUMN trade.trade_id IS 'The exchange''s trade id, as it wrote it';
COMMENT ON COLUMN trade.price IS 'Quote asset per 1 base asset';
COMMENT ON COLUMN trade.quantity IS 'Base asset: size times the contract size that was valid at executed_at';
COMMENT ON COLUMN trade.contracts IS 'Contracts where one contract is not one base unit, otherwise null';
COMMENT ON COLUMN trade.taker_side IS 'The side that crossed the spread: buy or sell';
COMMENT ON COLUMN trade.origin IS 'How it reached us: stream, snapshot, refill or import; latencies mean something for stream only';
COMMENT ON COLUMN trade.flags IS 'block (agreed off the book), rpi (retail price improvement)';

CREATE VIEW hole AS
SELECT i.exchange, i.market, i.symbol, h.cause, h.from_id, h.to_id, h.from_time, h.to_time,
       h.expected, h.found, h.outcome, h.opened_at, h.closed_at
FROM holes h JOIN instruments i ON i.id = h.instrument_id;
COMMENT ON VIEW hole IS 'The ledger of missing trades, with names in place of numbers';
COMMENT ON COLUMN hole.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN hole.market IS 'spot or futures';
COMMENT ON COLUMN hole.symbol IS 'The exchange''s own spelling';
COMMENT ON COLUMN hole.cause IS 'missing_ids, overflow, disconnect, outage and so on';
COMMENT ON COLUMN hole.from_id IS 'The first missing sequence number; null where the exchange has none';
COMMENT ON COLUMN hole.to_id IS 'The last missing sequence number; null where the exchange has none';
COMMENT ON COLUMN hole.from_time IS 'Executed time of the last trade before it; null if unknown';
COMMENT ON COLUMN hole.to_time IS 'Executed time of the first trade after it; null if unknown';
COMMENT ON COLUMN hole.expected IS 'How many trades are missing; null if unknown';
COMMENT ON COLUMN hole.found IS 'How many of them came later, or turned out to be no public trades';
COMMENT ON COLUMN hole.outcome IS 'refilled, never_public, beyond_reach or outage; null while it is open';
COMMENT ON COLUMN hole.opened_at IS 'Our clock, when it was noticed';
COMMENT ON COLUMN hole.closed_at IS 'Our clock, when its outcome was known';

CREATE VIEW trade_count AS
SELECT i.exchange, i.market, i.symbol, hour,
       coalesce(c.received, 0) AS received, coalesce(c.stored, 0) AS stored, coalesce(c.duplicate, 0) AS duplicate,
       coalesce(r.rejected, 0) AS rejected, coalesce(r.unknown, 0) AS unknown, coalesce(c.late, 0) AS late,
       coalesce(c.consumed, 0) AS consumed,
       coalesce(c.received, 0) - coalesce(c.stored, 0) - coalesce(c.duplicate, 0) - coalesce(r.rejected, 0) AS unaccounted
FROM trade_counts c
FULL JOIN (SELECT instrument_id, hour, sum(rejected)::bigint AS rejected,
                  coalesce(sum(rejected) FILTER (WHERE reason = 'unknown_instrument'), 0)::bigint AS unknown
           FROM rejected_counts GROUP BY 1, 2) r
     USING (instrument_id, hour)
JOIN instruments i ON i.id = instrument_id;
COMMENT ON VIEW trade_count IS 'What became of the trade rows of each instrument, by hour of receipt: received = stored + duplicate + rejected';
COMMENT ON COLUMN trade_count.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN trade_count.market IS 'spot or futures';
COMMENT ON COLUMN trade_count.symbol IS 'The exchange''s own spelling';
COMMENT ON COLUMN trade_count.hour IS 'The hour of receipt, our clock';
COMMENT ON COLUMN trade_count.received IS 'Trade rows read, whatever became of them';
COMMENT ON COLUMN trade_count.stored IS 'Rows that are in trades';
COMMENT ON COLUMN trade_count.duplicate IS 'Rows of trades that were there already';
COMMENT ON COLUMN trade_count.rejected IS 'Rows that were not stored, for a reason in rejected_trades';
COMMENT ON COLUMN trade_count.unknown IS 'Those of the rejected rows whose symbol is not collected; they stand under the symbol ?';
COMMENT ON COLUMN trade_count.late IS 'Those of the stored rows that came on a stream after one with a higher number';
COMMENT ON COLUMN trade_count.consumed IS 'Ids that were no public trades; not part of received';
COMMENT ON COLUMN trade_count.unaccounted IS 'received - stored - duplicate - rejected: 0, but for rows that are on their way';

CREATE VIEW market_count AS
SELECT exchange, market, count(DISTINCT symbol) AS instruments, min(hour) AS first_hour, max(hour) AS last_hour,
       sum(received)::bigint AS received, sum(stored)::bigint AS stored, sum(duplicate)::bigint AS duplicate,
       sum(rejected)::bigint AS rejected, sum(unknown)::bigint AS unknown, sum(late)::bigint AS late,
       sum(consumed)::bigint AS consumed, sum(unaccounted)::bigint AS unaccounted
FROM trade_count GROUP BY exchange, market;
COMMENT ON VIEW market_count IS 'The sums of trade_count by market';
COMMENT ON COLUMN market_count.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN market_count.market IS 'spot or futures';
COMMENT ON COLUMN market_count.instruments IS 'How many instruments had any row';
COMMENT ON COLUMN market_count.first_hour IS 'The first hour that is counted';
COMMENT ON COLUMN market_count.last_hour IS 'The last hour that is counted';
COMMENT ON COLUMN market_count.received IS 'Trade rows read, whatever became of them';
COMMENT ON COLUMN market_count.stored IS 'Rows that are in trades, or were until they were dropped for their age';
COMMENT ON COLUMN market_count.duplicate IS 'Rows of trades that were there already';
COMMENT ON COLUMN market_count.rejected IS 'Rows that were not stored';
COMMENT ON COLUMN market_count.unknown IS 'Those of the rejected rows whose symbol is not collected';
COMMENT ON COLUMN market_count.late IS 'Those of the stored rows that came on a stream after one with a higher number';
COMMENT ON COLUMN market_count.consumed IS 'Ids that were no public trades';
COMMENT ON COLUMN market_count.unaccounted IS '0, but for rows that are on their way';
