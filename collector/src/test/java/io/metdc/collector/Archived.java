package io.metdc.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.github.luben.zstd.ZstdInputStream;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The archive of a listing as it lies on the disk. Trades are told as lines that the simulator's tape can be told in,
/// too: `id price quantity side milliseconds`, numbers without trailing zeros.
record Archived(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// The one archive of a coin in `data/listings`.
    static Archived of(Path data, String coin) {
        try (Stream<Path> folders = Files.list(data.resolve("listings"))) {
            List<Path> found = folders.filter(
                            folder -> folder.getFileName().toString().matches(coin + "_\\d{8}_\\d{6}"))
                    .toList();
            if (found.size() != 1) {
                throw new AssertionError(coin + " has " + found.size() + " archives: " + found);
            }
            return new Archived(found.getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String id() {
        return folder.getFileName().toString();
    }

    JsonNode metadata() {
        return json("metadata.json");
    }

    JsonNode coverage() {
        return json("coverage.json");
    }

    private JsonNode json(String file) {
        try {
            return JSON.readTree(Files.readAllBytes(folder.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What its metadata has as a time.
    Instant time(String field) {
        return Instant.parse(metadata().path(field).asText());
    }

    /// What its coverage says of a market.
    JsonNode venue(Market market) {
        for (JsonNode venue : coverage().path("venues")) {
            if (venue.path("exchange").asText().equals(market.exchange().id())
                    && venue.path("market").asText().equals(market.type().id())) {
                return venue;
            }
        }
        throw new AssertionError(market + " is not in the coverage of " + id());
    }

    /// The trades of a raw file, in its order.
    List<String> raw(Market market) {
        List<String> trades = new ArrayList<>();
        for (JsonNode row :
                json("raw/" + market.exchange().id() + "/" + market.type().id() + ".json")) {
            trades.add(line(
                    row.path("trade_id").asText(),
                    new BigDecimal(row.path("price").asText()),
                    new BigDecimal(row.path("quantity").asText()),
                    row.path("side").asText(),
                    row.path("timestamp").asLong()));
        }
        return trades;
    }

    /// When the trades of a raw file were executed, milliseconds since the epoch.
    List<Long> rawTimes(Market market) {
        List<Long> times = new ArrayList<>();
        json("raw/" + market.exchange().id() + "/" + market.type().id() + ".json")
                .forEach(row -> times.add(row.path("timestamp").asLong()));
        return times;
    }

    /// The rows of `trades.csv.zst` by the names of its columns.
    List<Map<String, String>> csv() {
        try (InputStream in = new ZstdInputStream(Files.newInputStream(folder.resolve("trades.csv.zst")))) {
            return csv(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Map<String, String>> csv(InputStream in) throws IOException {
        try (MappingIterator<Map<String, String>> rows = new CsvMapper()
                .readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader())
                .readValues(in)) {
            return rows.readAll();
        }
    }

    /// What was traded of the coin on a market in [from, to), sent or not, as the raw file must have it.
    List<String> traded(Simulator simulator, Market market, Instant from, Instant to) {
        String symbol = venue(market).path("symbol").asText();
        BigDecimal contractSize = simulator.contractSize(market, symbol);
        try (Stream<Sent.Print> tape = simulator.tape(market, symbol)) {
            return tape.map(Sent.Print::trade)
                    .filter(Objects::nonNull)
                    .filter(trade -> {
                        Instant at = Nanos.instant(trade.executedAtNanos());
                        return !at.isBefore(from) && at.isBefore(to);
                    })
                    .map(trade -> line(trade, contractSize))
                    .toList();
        }
    }

    private static String line(Sent.Trade trade, BigDecimal contractSize) {
        return line(
                trade.id().toString(),
                trade.price(),
                trade.size().multiply(contractSize),
                trade.takerSide().id(),
                trade.executedAtNanos() / 1_000_000);
    }

    /// What was sent of the coin on a market in [from, to), as the raw file must have it.
    List<String> sent(Simulator simulator, Market market, Instant from, Instant to) {
        return sent(simulator, market, from, to, _ -> true);
    }

    /// Those of them that this is true of.
    List<String> sent(Simulator simulator, Market market, Instant from, Instant to, Predicate<Sent.Trade> which) {
        JsonNode venue = venue(market);
        BigDecimal contractSize =
                simulator.contractSize(market, venue.path("symbol").asText());
        try (Stream<Sent.Trade> tape =
                simulator.trades(market, venue.path("symbol").asText())) {
            return tape.filter(trade -> {
                        Instant at = Nanos.instant(trade.executedAtNanos());
                        return !at.isBefore(from) && at.isBefore(to) && which.test(trade);
                    })
                    .map(trade -> line(trade, contractSize))
                    .toList();
        }
    }

    private static String line(String id, BigDecimal price, BigDecimal quantity, String side, long millis) {
        return id + " " + plain(price) + " " + plain(quantity) + " " + side + " " + millis;
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
