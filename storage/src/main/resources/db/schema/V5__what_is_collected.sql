-- What is collected at the moment, and how that changed.

ALTER TABLE instruments
    ADD COLUMN coin            text,
    ADD COLUMN is_collected    boolean,
    ADD COLUMN upbit_krw       text CHECK (upbit_krw IN ('listed', 'unlisted')),
    ADD COLUMN upbit_krw_since timestamptz;
COMMENT ON COLUMN instruments.coin IS 'The coin by one name on all exchanges: PEPE of 1000PEPE, BTC of XBT; null where no list told it';
COMMENT ON COLUMN instruments.is_collected IS 'Whether metdc collects it, by the last list of its exchange; null where no list told it';
COMMENT ON COLUMN instruments.upbit_krw IS 'Whether Upbit trades the coin for KRW: listed or unlisted; null while nobody knows';
COMMENT ON COLUMN instruments.upbit_krw_since IS 'When upbit_krw became what it is, as far as metdc saw it; null where it was so when metdc first looked';
CREATE INDEX instruments_coin ON instruments (coin);

CREATE TABLE instrument_changes (
    instrument_id integer NOT NULL REFERENCES instruments,
    at            timestamptz NOT NULL,
    change        text NOT NULL CHECK (change IN ('added', 'dropped', 'renamed', 'terms', 'marked')),
    old           text NOT NULL,
    new           text NOT NULL,
    PRIMARY KEY (instrument_id, at, change)
);
COMMENT ON TABLE instrument_changes IS 'How what is collected changed; the first list of a market is no change';
COMMENT ON COLUMN instrument_changes.instrument_id IS 'Of what; of a rename the new one';
COMMENT ON COLUMN instrument_changes.at IS 'When the list that says so was taken';
COMMENT ON COLUMN instrument_changes.change IS 'added, dropped, renamed (another symbol or base), terms (contract size, multiplier, scales), marked (listed or unlisted at Upbit)';
COMMENT ON COLUMN instrument_changes.old IS 'What was; empty for added';
COMMENT ON COLUMN instrument_changes.new IS 'What is; the reason for dropped';

CREATE VIEW instrument_change AS
    SELECT i.exchange, i.market, i.symbol, i.base, i.coin, c.at, c.change, c.old, c.new
    FROM instrument_changes c JOIN instruments i ON i.id = c.instrument_id;
COMMENT ON VIEW instrument_change IS 'How what is collected changed, with names in place of numbers';
COMMENT ON COLUMN instrument_change.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN instrument_change.market IS 'spot or futures';
COMMENT ON COLUMN instrument_change.symbol IS 'The exchange''s own spelling';
COMMENT ON COLUMN instrument_change.base IS 'The base asset as the exchange names it now';
COMMENT ON COLUMN instrument_change.coin IS 'The coin by one name on all exchanges';
COMMENT ON COLUMN instrument_change.at IS 'When the list that says so was taken';
COMMENT ON COLUMN instrument_change.change IS 'added, dropped, renamed, terms or marked';
COMMENT ON COLUMN instrument_change.old IS 'What was; empty for added';
COMMENT ON COLUMN instrument_change.new IS 'What is; the reason for dropped';
