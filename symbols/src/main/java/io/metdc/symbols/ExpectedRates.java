package io.metdc.symbols;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Instrument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How often each instrument is traded, as far as this run and those before it counted: by that, the busiest ones are
/// spread over connections. Kept in a file, `{"binance-spot": {"BTCUSDT": 12.5}}`, rows received a second. Thread-safe.
public final class ExpectedRates {
    private static final Logger log = LoggerFactory.getLogger(ExpectedRates.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /// What nobody has counted yet.
    private static final double UNKNOWN = 0.1;

    /// How much the newest count weighs.
    private static final double NEWEST = 0.3;

    private final Path file;
    private final Map<String, Map<String, Double>> rates = new TreeMap<>();
    private Map<Instrument.Key, Long> counted = Map.of();

    /// Reads what was counted; a file that cannot be used only means that nothing is known.
    public ExpectedRates(Path file) {
        this.file = file;
        if (!Files.exists(file)) {
            return;
        }
        try {
            for (Map.Entry<String, JsonNode> market :
                    JSON.readTree(file.toFile()).properties()) {
                Map<String, Double> known = new TreeMap<>();
                market.getValue()
                        .properties()
                        .forEach(
                                rate -> known.put(rate.getKey(), rate.getValue().asDouble()));
                rates.put(market.getKey(), known);
            }
        } catch (IOException e) {
            log.warn("how often instruments are traded is not known: {} cannot be read: {}", file, e.getMessage());
        }
    }

    /// Rows a second.
    public synchronized double of(Instrument instrument) {
        return rates.getOrDefault(instrument.market().toString(), Map.of()).getOrDefault(instrument.symbol(), UNKNOWN);
    }

    /// Takes in what was received.
    ///
    /// @param received rows of each instrument since the start
    /// @param since    how long ago the call before this one was, or the start
    public synchronized void learn(Map<Instrument.Key, Long> received, Duration since) {
        double seconds = since.toMillis() / 1_000.0;
        if (seconds <= 0) {
            return;
        }
        received.forEach((key, rows) -> {
            double rate = (rows - counted.getOrDefault(key, 0L)) / seconds;
            rates.computeIfAbsent(key.market().toString(), _ -> new TreeMap<>())
                    .merge(key.symbol(), rate, (old, now) -> old + NEWEST * (now - old));
        });
        counted = new HashMap<>(received);
    }

    /// Keeps what is known; that it cannot be kept is said in the log and stops nothing.
    public synchronized void write() {
        ObjectNode root = JSON.createObjectNode();
        rates.forEach((market, known) -> {
            ObjectNode row = root.putObject(market);
            known.forEach((symbol, rate) -> row.put(symbol, Math.round(rate * 1_000) / 1_000.0));
        });
        try {
            AtomicFile.write(file, JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            log.warn("how often instruments are traded cannot be kept in {}: {}", file, e.toString());
        }
    }
}
