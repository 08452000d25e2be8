-- What is known of listings, which connections there were, and the trades that stay when their hour is dropped.

CREATE TABLE listings (
    id             text PRIMARY KEY,
    notice         text NOT NULL,
    coin           text NOT NULL,
    title          text NOT NULL,
    category       text NOT NULL,
    url            text,
    markets        text[] NOT NULL,
    is_krw_listing boolean NOT NULL,
    announced_at   timestamptz NOT NULL,
    fired_at       timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL,
    not_yet_at     timestamptz,
    opens_at       timestamptz,
    market_seen_at timestamptz,
    first_krw_at   timestamptz,
    late           boolean NOT NULL,
    kind           text NOT NULL,
    stage          text,
    complete       boolean,
    open_holes     bigint,
    archive        text,
    updated_at     timestamptz NOT NULL,
    metdc_version  text NOT NULL
);
CREATE INDEX ON listings (announced_at);
COMMENT ON TABLE listings IS 'The coins that Upbit announced for a market of its own, one row for each coin of a notice';
COMMENT ON COLUMN listings.id IS 'The coin and announced_at in UTC: CRV_20260821_022240';
COMMENT ON COLUMN listings.notice IS 'The key of the notice: its uuid or number; market:KRW-CRV where the market list told of it first; hand:... for one entered by a person';
COMMENT ON COLUMN listings.coin IS 'As Upbit spells it: CRV';
COMMENT ON COLUMN listings.title IS 'Of the notice, as published; empty without one';
COMMENT ON COLUMN listings.category IS 'Of the notice, as published; empty without one';
COMMENT ON COLUMN listings.url IS 'The public page of the notice; null where it is not known';
COMMENT ON COLUMN listings.markets IS 'Quote assets of the new markets, in the order of the notice: KRW, BTC, USDT';
COMMENT ON COLUMN listings.is_krw_listing IS 'Whether KRW is among markets';
COMMENT ON COLUMN listings.announced_at IS 't0, when the notice was first published: whole seconds, so that the true instant lies within a second of it';
COMMENT ON COLUMN listings.fired_at IS 'Our clock, when it was decided that this is a listing';
COMMENT ON COLUMN listings.seen_at IS 'Our clock, when the first source of ours had it; all of them stand in listing_sightings';
COMMENT ON COLUMN listings.not_yet_at IS 'Our clock, when that source was last asked and did not have it; null where it never was';
COMMENT ON COLUMN listings.opens_at IS 'When trading opens by the body of the notice; null where it is not said';
COMMENT ON COLUMN listings.market_seen_at IS 'Our clock, when its KRW market first stood in the market list; null while it does not';
COMMENT ON COLUMN listings.first_krw_at IS 'Upbit''s clock, its first KRW trade; null while there is none';
COMMENT ON COLUMN listings.late IS 'Whether it was found too late to have fired in time';
COMMENT ON COLUMN listings.kind IS 'listing, or postponed where the opening time was changed before it fired';
COMMENT ON COLUMN listings.stage IS 'How far its archive is: core, near, wide, open or final; null before core';
COMMENT ON COLUMN listings.complete IS 'Whether no market has a gap in the core window; null before core';
COMMENT ON COLUMN listings.open_holes IS 'Holes in its windows whose outcome was not known when the archive was written; null before core';
COMMENT ON COLUMN listings.archive IS 'The name of its folder below data/listings; null before core';
COMMENT ON COLUMN listings.updated_at IS 'Our clock, when this row was last written';
COMMENT ON COLUMN listings.metdc_version IS 'The metdc that wrote it';

CREATE TABLE listing_sightings (
    listing_id text NOT NULL REFERENCES listings ON DELETE CASCADE,
    source     text NOT NULL,
    not_yet_at timestamptz,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (listing_id, source)
);
COMMENT ON TABLE listing_sightings IS 'When each source first told of a listing: it became visible there after not_yet_at and not after seen_at';
COMMENT ON COLUMN listing_sightings.listing_id IS 'Which listing: listings.id';
COMMENT ON COLUMN listing_sightings.source IS 'notice_list, notice_socket, market_list or hand';
COMMENT ON COLUMN listing_sightings.not_yet_at IS 'Our clock, when the source''s last answer without it was asked for; null when there was none';
COMMENT ON COLUMN listing_sightings.seen_at IS 'Our clock, when the first answer or push with it was received';

CREATE TABLE listing_markets (
    listing_id    text NOT NULL REFERENCES listings ON DELETE CASCADE,
    exchange      text NOT NULL,
    market        text NOT NULL,
    symbol        text COLLATE "C",
    base          text,
    quote         text,
    contract_size numeric,
    multiplier    numeric,
    price_ratio   numeric,
    status        text NOT NULL,
    detail        text
);
CREATE UNIQUE INDEX ON listing_markets (listing_id, exchange, market, coalesce(symbol, ''));
COMMENT ON TABLE listing_markets IS 'Where a listing''s coin is traded: every configured market, also those that do not have it';
COMMENT ON COLUMN listing_markets.listing_id IS 'Which listing: listings.id';
COMMENT ON COLUMN listing_markets.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN listing_markets.market IS 'spot or futures';
COMMENT ON COLUMN listing_markets.symbol IS 'The exchange''s own spelling; null where the coin is not traded there';
COMMENT ON COLUMN listing_markets.base IS 'The base asset as the exchange names it: CRV, 1000PEPE; null without a symbol';
COMMENT ON COLUMN listing_markets.quote IS 'The asset in which the price is written; null without a symbol';
COMMENT ON COLUMN listing_markets.contract_size IS 'Base units in one unit of trades.size at announced_at; null without a symbol';
COMMENT ON COLUMN listing_markets.multiplier IS 'Coins in one base unit; null without a symbol';
COMMENT ON COLUMN listing_markets.price_ratio IS 'Price of one coin here by the median of all markets at announced_at: near 1 where it is the same coin; null where it cannot be said';
COMMENT ON COLUMN listing_markets.status IS 'recorded, not_listed, unmatched_symbol or collision';
COMMENT ON COLUMN listing_markets.detail IS 'Why, in words for a person; null where there is nothing to say';

CREATE TABLE coverage (
    listing_id           text NOT NULL REFERENCES listings ON DELETE CASCADE,
    exchange             text NOT NULL,
    market               text NOT NULL,
    symbol               text COLLATE "C",
    status               text NOT NULL,
    connected            tstzmultirange NOT NULL DEFAULT '{}',
    gaps                 jsonb NOT NULL DEFAULT '[]',
    trades               bigint NOT NULL DEFAULT 0,
    first_at             timestamptz,
    last_at              timestamptz,
    receive_delay_p50_us bigint,
    receive_delay_p99_us bigint,
    sequence_breaks      bigint,
    clock_offset_ms      double precision,
    complete             boolean NOT NULL,
    window_from          timestamptz NOT NULL,
    window_to            timestamptz NOT NULL,
    CHECK (window_from < window_to)
);
CREATE UNIQUE INDEX ON coverage (listing_id, exchange, market, coalesce(symbol, ''));
COMMENT ON TABLE coverage IS 'What was recorded of a listing''s coin on each market, and what was not: every configured market, also with zero trades';
COMMENT ON COLUMN coverage.listing_id IS 'Which listing: listings.id';
COMMENT ON COLUMN coverage.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN coverage.market IS 'spot or futures';
COMMENT ON COLUMN coverage.symbol IS 'The exchange''s own spelling; null where the coin is not traded there';
COMMENT ON COLUMN coverage.status IS 'recorded, no_trades, not_listed, disconnected, subscribed_late, unmatched_symbol or collision';
COMMENT ON COLUMN coverage.connected IS 'When a connection had its subscription acknowledged, within the window';
COMMENT ON COLUMN coverage.gaps IS 'Stretches of the window that may lack trades: [{"from": ..., "to": ..., "cause": ..., "filled": true where REST brought them}]';
COMMENT ON COLUMN coverage.trades IS 'Trades executed within the window';
COMMENT ON COLUMN coverage.first_at IS 'Executed time of the first of them; null without one';
COMMENT ON COLUMN coverage.last_at IS 'Executed time of the last of them; null without one';
COMMENT ON COLUMN coverage.receive_delay_p50_us IS 'Median of received_at - executed_at of those from the stream, microseconds; null without one';
COMMENT ON COLUMN coverage.receive_delay_p99_us IS 'The delay that 99 of 100 do not exceed, microseconds; null without one';
COMMENT ON COLUMN coverage.sequence_breaks IS 'Places where the exchange''s contiguous numbers are interrupted; null where it has none';
COMMENT ON COLUMN coverage.clock_offset_ms IS 'How far the exchange''s clock is estimated to be ahead of ours, milliseconds; null where it cannot be said';
COMMENT ON COLUMN coverage.complete IS 'Whether nothing is known to be missing in the window';
COMMENT ON COLUMN coverage.window_from IS 'The window begins then';
COMMENT ON COLUMN coverage.window_to IS 'and ends before this';

-- Open rows are updated every second: long lists are kept beside them, and there is room for the next version.
CREATE TABLE connections (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connected_at   timestamptz NOT NULL,
    delivering_at  timestamptz,
    seen_at        timestamptz NOT NULL,
    ended_at       timestamptz,
    exchange       text NOT NULL,
    market         text NOT NULL,
    name           text NOT NULL,
    cause          text,
    instrument_ids integer[] NOT NULL,
    UNIQUE (exchange, market, name, connected_at),
    CHECK ((ended_at IS NULL) = (cause IS NULL))
) WITH (fillfactor = 50, toast_tuple_target = 256);
CREATE INDEX ON connections USING gin (instrument_ids);
CREATE INDEX ON connections (ended_at);
COMMENT ON TABLE connections IS 'The life of every connection to an exchange: a connection whose instruments change is a new row from then on; kept for at least 90 days';
COMMENT ON COLUMN connections.id IS 'In the order in which they were entered';
COMMENT ON COLUMN connections.connected_at IS 'Our clock, when it was connected, or took on these instruments';
COMMENT ON COLUMN connections.delivering_at IS 'Our clock, when every subscription was acknowledged; null while that is not so';
COMMENT ON COLUMN connections.seen_at IS 'Our clock, when it was last known to live';
COMMENT ON COLUMN connections.ended_at IS 'Our clock, when it ended; null while it lives';
COMMENT ON COLUMN connections.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN connections.market IS 'spot or futures';
COMMENT ON COLUMN connections.name IS 'As in the log: binance-spot-1';
COMMENT ON COLUMN connections.cause IS 'Why it ended, in a word: asked_to_stop, closed_by_exchange, silent, resubscribed, crash and so on; null while it lives';
COMMENT ON COLUMN connections.instrument_ids IS 'The instruments that it carries: instruments.id';

CREATE VIEW connection AS
SELECT c.id, i.exchange, i.market, i.symbol, c.name, c.connected_at, c.delivering_at, c.ended_at, c.seen_at, c.cause
FROM connections c
-- The same twice: the first finds the instruments of a connection, the second the connections of an instrument.
JOIN instruments i ON i.id = ANY (c.instrument_ids) AND c.instrument_ids @> ARRAY[i.id];
COMMENT ON VIEW connection IS 'Which connection carried which symbol, and when: one row for each of both';
COMMENT ON COLUMN connection.id IS 'The connection: connections.id';
COMMENT ON COLUMN connection.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN connection.market IS 'spot or futures';
COMMENT ON COLUMN connection.symbol IS 'The exchange''s own spelling';
COMMENT ON COLUMN connection.name IS 'Of the connection, as in the log: binance-spot-1';
COMMENT ON COLUMN connection.connected_at IS 'Our clock, when it was connected, or took on this symbol';
COMMENT ON COLUMN connection.delivering_at IS 'Our clock, when every subscription was acknowledged; null while that is not so';
COMMENT ON COLUMN connection.ended_at IS 'Our clock, when it ended; null while it lives';
COMMENT ON COLUMN connection.seen_at IS 'Our clock, when it was last known to live';
COMMENT ON COLUMN connection.cause IS 'Why it ended, in a word; null while it lives';

CREATE TABLE kept_spans (
    listing_id    text NOT NULL REFERENCES listings ON DELETE CASCADE,
    instrument_id integer NOT NULL REFERENCES instruments,
    from_time     timestamptz NOT NULL,
    to_time       timestamptz NOT NULL,
    PRIMARY KEY (listing_id, instrument_id, from_time),
    CHECK (from_time < to_time)
);
CREATE INDEX ON kept_spans (instrument_id, from_time);
COMMENT ON TABLE kept_spans IS 'What stays although its time is over: the trades of a listing''s windows';
COMMENT ON COLUMN kept_spans.listing_id IS 'For which listing: listings.id';
COMMENT ON COLUMN kept_spans.instrument_id IS 'Whose trades: instruments.id';
COMMENT ON COLUMN kept_spans.from_time IS 'Trades executed then or later';
COMMENT ON COLUMN kept_spans.to_time IS 'and before this';

CREATE TABLE kept_trades (
    LIKE trades INCLUDING DEFAULTS INCLUDING COMMENTS,
    UNIQUE (instrument_id, executed_at, id_number, id_text)
);
CREATE INDEX ON kept_trades (executed_at);
COMMENT ON TABLE kept_trades IS 'The trades of kept_spans whose hour was dropped from trades; read the view trade, which has both';

CREATE OR REPLACE VIEW trade AS
SELECT i.exchange, i.market, i.symbol, i.base,
       t.executed_at, t.executed_ns, t.received_at,
       CASE WHEN t.id_text = '' THEN t.id_number::text ELSE t.id_text END AS trade_id,
       t.price,
       CASE k.contract_size WHEN 1 THEN t.size ELSE t.size * k.contract_size END AS quantity,
       CASE k.contract_size WHEN 1 THEN NULL ELSE t.size END AS contracts,
       CASE t.taker_side WHEN 1 THEN 'buy' ELSE 'sell' END AS taker_side,
       CASE t.origin WHEN 0 THEN 'stream' WHEN 1 THEN 'snapshot' WHEN 2 THEN 'refill' ELSE 'import' END AS origin,
       CASE t.flags WHEN 0 THEN '{}'::text[] WHEN 1 THEN '{block}' WHEN 2 THEN '{rpi}' ELSE '{block,rpi}' END AS flags
FROM (SELECT executed_at, received_at, id_number, instrument_id, executed_ns, taker_side, origin, flags, price, size, id_text
      FROM trades
      UNION ALL
      SELECT executed_at, received_at, id_number, instrument_id, executed_ns, taker_side, origin, flags, price, size, id_text
      FROM kept_trades) t
JOIN instruments i ON i.id = t.instrument_id
LEFT JOIN instrument_terms k
       ON k.instrument_id = t.instrument_id AND k.valid_from <= t.executed_at AND t.executed_at < k.valid_to;
