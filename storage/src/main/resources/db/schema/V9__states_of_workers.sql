-- How each worker came to be where it is: one row for each change of state.

CREATE TABLE worker_states (
    entered_at timestamptz NOT NULL,
    exchange   text NOT NULL,
    market     text NOT NULL,
    name       text NOT NULL,
    number     integer NOT NULL,
    state      text NOT NULL,
    cause      text,
    PRIMARY KEY (exchange, market, name, entered_at, number)
);
CREATE INDEX ON worker_states (entered_at);
COMMENT ON TABLE worker_states IS 'Every change of state of every worker, which keeps one connection: a worker is in a state until its next row; kept for at least 90 days';
COMMENT ON COLUMN worker_states.entered_at IS 'Our clock';
COMMENT ON COLUMN worker_states.exchange IS 'binance bybit okx kucoin gate phemex upbit';
COMMENT ON COLUMN worker_states.market IS 'spot or futures';
COMMENT ON COLUMN worker_states.name IS 'As in the log: binance-spot-1; a replacement has the name of the one that it replaces';
COMMENT ON COLUMN worker_states.number IS 'Tells changes of one moment apart';
COMMENT ON COLUMN worker_states.state IS 'connecting subscribing delivering backing_off cooling_down banned waiting_for_room stopped';
COMMENT ON COLUMN worker_states.cause IS 'Why, in words for a person; null where nothing is to be said';
