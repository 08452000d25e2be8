package io.metdc.collector;

import io.metdc.listings.recorder.Collecting;
import io.metdc.listings.recorder.Offer;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.storage.Database;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The markets as the database knows them, for recording by hand while nothing is collected: every instrument that a
/// trade was ever received of.
final class StoredMarkets implements Collecting {
    private static final String INSTRUMENTS = """
            SELECT DISTINCT ON (i.id) i.exchange, i.market, i.symbol, i.base, i.quote, i.settle, k.contract_size, k.multiplier
            FROM instruments i JOIN instrument_terms k ON k.instrument_id = i.id
            WHERE i.symbol <> '?'
            ORDER BY i.id, k.valid_from DESC
            """;

    private final Database database;
    private final Map<Market, Offer> offers = new TreeMap<>();

    StoredMarkets(Database database) throws SQLException {
        this.database = database;
        Map<Market, List<Instrument>> instruments = new HashMap<>();
        try (Connection connection = database.readOnly().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(INSTRUMENTS)) {
            while (row.next()) {
                Market market = new Market(
                        Exchange.of(row.getString("exchange")).orElseThrow(),
                        MarketType.of(row.getString("market")).orElseThrow());
                instruments
                        .computeIfAbsent(market, _ -> new ArrayList<>())
                        .add(new Instrument(
                                market,
                                row.getString("symbol"),
                                row.getString("base"),
                                row.getString("quote"),
                                row.getString("settle"),
                                number(row, "contract_size"),
                                number(row, "multiplier")));
            }
        }
        instruments.forEach((market, listed) -> offers.put(market, new Offer.Listed(listed)));
    }

    /// As the exchanges' lists have it, without the zeros that the database may add.
    private static BigDecimal number(ResultSet row, String column) throws SQLException {
        BigDecimal number = row.getBigDecimal(column).stripTrailingZeros();
        return number.scale() < 0 ? number.setScale(0) : number;
    }

    @Override
    public Map<Market, Offer> offers() {
        return offers;
    }

    @Override
    public boolean isStored(Instant receivedBefore) {
        return true; // nothing is received
    }

    @Override
    public Optional<Database> storage() {
        return Optional.of(database);
    }

    @Override
    public void collect(String holder, Instrument instrument) {}

    @Override
    public void release(String holder, Instrument instrument) {}
}
