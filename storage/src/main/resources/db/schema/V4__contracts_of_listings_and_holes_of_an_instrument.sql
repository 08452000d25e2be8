-- Where a listed coin lives, and a shorter way to what an instrument lacks.

ALTER TABLE listings ADD COLUMN contracts jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN listings.contracts IS 'Where the coin lives by the body of the notice, which tells coins of one name apart: [{"network": "Ethereum" or null, "address": of the contract, or null}]; empty where it is not said';
COMMENT ON COLUMN listings.markets IS 'Quote assets of the new markets: KRW, BTC, USDT. In the order of the title, or as the table in the body has them where that says otherwise';
COMMENT ON COLUMN listings.is_krw_listing IS 'Whether KRW is among markets; false also where the title said so and the body does not';
COMMENT ON COLUMN listings.opens_at IS 'When trading opens: by the body of the notice, else its first trade for won; null while neither is known';
COMMENT ON COLUMN listings.kind IS 'What its notice is about by now: listing; postponed where the opening was put off; cancelled where the title names the coin no more';
COMMENT ON COLUMN listing_markets.status IS 'recorded, not_listed, unmatched_symbol, collision, or disconnected where the market is switched off or nobody knows what it trades';

-- The newest end of a hole is what a window is compared with.
CREATE INDEX holes_instrument_end ON holes (instrument_id, (coalesce(to_time, opened_at)));
