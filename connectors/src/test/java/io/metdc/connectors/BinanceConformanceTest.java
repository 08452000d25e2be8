package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class BinanceConformanceTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);

    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector futures = Connectors.forDecoding(FUTURES).orElseThrow();

    @Test
    void every_recorded_spot_trade_is_read() throws Exception {
        assertThat(linesWithTrades(spot, "spot-trades.jsonl", SymbolTable.any(SPOT)))
                .isEqualTo(IntStream.rangeClosed(1, 40).boxed().toList());
    }

    @Test
    void with_the_list_of_instruments_only_collected_spot_symbols_are_read() throws Exception {
        List<Integer> expected = IntStream.rangeClosed(1, 40).boxed().collect(Collectors.toCollection(ArrayList::new));
        expected.removeAll(List.of(7, 11, 12, 13, 15, 16));

        assertThat(linesWithTrades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json")))
                .isEqualTo(expected);
    }

    @Test
    void prints_that_are_no_public_trade_yield_none() throws Exception {
        List<Integer> expected = IntStream.rangeClosed(1, 38).boxed().collect(Collectors.toCollection(ArrayList::new));
        expected.removeAll(List.of(3, 4, 20, 21));

        assertThat(linesWithTrades(futures, "futures-trades.jsonl", SymbolTable.any(FUTURES)))
                .isEqualTo(expected);
    }

    @Test
    void with_the_list_of_instruments_only_collected_futures_symbols_are_read() throws Exception {
        assertThat(linesWithTrades(futures, "futures-trades.jsonl", table(futures, "futures-instruments.json")))
                .hasSize(22)
                .doesNotContain(9, 11, 12, 14)
                .doesNotContainAnyElementsOf(
                        IntStream.rangeClosed(31, 38).boxed().toList());
    }

    @Test
    void a_recorded_fill_by_retail_liquidity_has_its_flag() throws Exception {
        List<Row> rows = rows(futures, lines("futures-trades.jsonl").get(1), SymbolTable.any(FUTURES));

        assertThat(rows).singleElement().isInstanceOfSatisfying(Trade.class, trade -> {
            assertThat(trade.flags()).containsExactly(Flag.RPI);
            assertThat(trade.price()).isEqualByComparingTo("0.0044478");
            assertThat(trade.sequence()).isEqualTo(2804511605L);
        });
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable() throws Exception {
        for (String line : lines("spot-control.jsonl")) {
            assertThat(spot.read(Frame.of(line, 0), SymbolTable.any(SPOT)))
                    .as(line)
                    .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
        }
        for (String line : lines("futures-control.jsonl")) {
            assertThat(futures.read(Frame.of(line, 0), SymbolTable.any(FUTURES)))
                    .as(line)
                    .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
        }
    }

    @Test
    void recorded_instruments_are_kept_and_dropped_as_the_rules_say() throws Exception {
        assertThat(kept(spot, "spot-instruments.json"))
                .containsExactlyInAnyOrder("BTCUSDT", "SHIBUSDT", "1INCHUSDT", "1000SATSUSDT", "币安人生USDT");
        assertThat(kept(futures, "futures-instruments.json"))
                .containsExactlyInAnyOrder("BTCUSDT", "1000SHIBUSDT", "1000PEPEUSDT", "1INCHUSDT");
    }

    @Test
    void recorded_rest_trades_are_read_in_the_order_of_their_ids() throws Exception {
        Connector millis = Connectors.of(SPOT).orElseThrow().withTimeUnit(java.time.temporal.ChronoUnit.MILLIS);
        List<Row> rows = Past.rows(millis, bytes("spot-rest-trades.json"), instrument(SPOT), 0);

        assertThat(rows).hasSize(10).allSatisfy(row -> assertThat(row).isInstanceOf(Trade.class));
        assertThat(rows.stream().map(row -> ((Trade) row).sequence()))
                .isEqualTo(IntStream.range(0, 10).mapToObj(i -> 1111468873L + i).toList());
    }

    @Test
    void a_trade_by_stream_and_by_rest_is_the_same() throws Exception {
        Connector running = Connectors.of(FUTURES).orElseThrow();
        Trade byRest = (Trade) Past.rows(running, bytes("futures-rest-trades.json"), instrument(FUTURES), 0)
                .getFirst();
        Trade byStream = lines("futures-trades.jsonl").stream()
                .flatMap(line -> rows(running, line, SymbolTable.any(FUTURES)).stream())
                .filter(Trade.class::isInstance)
                .map(Trade.class::cast)
                .filter(trade -> trade.id().equals(byRest.id()))
                .findFirst()
                .orElseThrow();

        assertThat(byStream.executedAtNanos()).isEqualTo(byRest.executedAtNanos());
        assertThat(byStream.price()).isEqualByComparingTo(byRest.price());
        assertThat(byStream.size()).isEqualByComparingTo(byRest.size());
        assertThat(byStream.takerSide()).isEqualTo(byRest.takerSide());
        assertThat(byStream.sequence()).isEqualTo(byRest.sequence());
    }

    private static Instrument instrument(Market market) {
        return Instrument.of(market, "BTCUSDT", "BTC", "USDT");
    }

    private static List<Integer> linesWithTrades(Connector connector, String file, Instruments instruments)
            throws IOException {
        List<String> lines = lines(file);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (rows(connector, lines.get(i), instruments).stream().anyMatch(Trade.class::isInstance)) {
                numbers.add(i + 1);
            }
        }
        return numbers;
    }

    private static List<Row> rows(Connector connector, String line, Instruments instruments) {
        return connector.read(Frame.of(line, 0), instruments) instanceof Message.Rows rows ? rows.rows() : List.of();
    }

    private static SymbolTable table(Connector connector, String file) throws Exception {
        return new SymbolTable(connector.readInstruments(bytes(file)).listings().stream()
                .map(Listing::instrument)
                .filter(Objects::nonNull)
                .toList());
    }

    private static List<String> kept(Connector connector, String file) throws Exception {
        return connector.readInstruments(bytes(file)).listings().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .toList();
    }

    private static List<String> lines(String file) throws IOException {
        return Files.readAllLines(path(file));
    }

    private static byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(path(file));
    }

    private static Path path(String file) {
        return Path.of(System.getProperty("metdc.frames"), "binance", file);
    }
}
