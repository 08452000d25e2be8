package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`. Expected is what stands in
/// SOURCES.md beside them.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class PhemexConformanceTest {
    private static final Market SPOT = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.PHEMEX, MarketType.FUTURES);

    private static final Recorded RECORDED = new Recorded("phemex");

    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector futures = Connectors.forDecoding(FUTURES).orElseThrow();

    @Test
    void every_recorded_spot_trade_is_read() throws Exception {
        List<List<Trade>> trades = RECORDED.trades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json"));
        List<Integer> counts = new ArrayList<>(List.of(1000, 1000));
        for (int line = 3; line <= 22; line++) {
            counts.add(1);
        }
        counts.addAll(List.of(3, 4));

        assertThat(trades.stream().map(List::size)).isEqualTo(counts);
        assertThat(trades.stream().mapToInt(List::size).sum()).isEqualTo(2027);
    }

    @Test
    void a_recorded_row_has_the_documented_id_and_exact_numbers() throws Exception {
        Trade trade = RECORDED.trades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json"))
                .get(21)
                .getFirst();

        assertThat(trade.id()).hasToString("1772323222771984119-s-0.012287-412.5-0");
        assertThat(trade.price()).isEqualByComparingTo("0.012287");
        assertThat(trade.size()).isEqualByComparingTo("412.5");
        assertThat(trade.instrument().base()).isEqualTo("OL");
    }

    @Test
    void recorded_snapshots_are_marked_and_every_id_is_given_once() throws Exception {
        List<List<Trade>> trades = RECORDED.trades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json"));
        for (int line = 0; line < trades.size(); line++) {
            Origin origin = List.of(0, 1, 22, 23).contains(line) ? Origin.SNAPSHOT : Origin.STREAM;
            assertThat(trades.get(line))
                    .as("line %d", line + 1)
                    .allSatisfy(trade -> assertThat(trade.origin()).isEqualTo(origin));
            assertThat(trades.get(line)).extracting(Trade::id).doesNotHaveDuplicates();
            assertThat(trades.get(line))
                    .isSortedAccordingTo((one, other) -> Long.compare(one.executedAtNanos(), other.executedAtNanos()));
        }
    }

    @Test
    void every_recorded_perpetual_trade_is_read() throws Exception {
        assertThat(RECORDED.trades(futures, "futures-trades.jsonl", SymbolTable.any(FUTURES)).stream()
                        .map(List::size))
                .containsExactly(2, 2, 1, 2, 1, 1, 1, 2, 1);
        assertThat(RECORDED.trades(futures, "futures-trades.jsonl", table(futures, "futures-instruments.json")).stream()
                        .map(List::size))
                .containsExactly(0, 2, 1, 2, 1, 1, 1, 2, 1);
    }

    @Test
    void recorded_rows_of_one_time_and_two_sizes_are_both_the_first_of_their_kind() throws Exception {
        assertThat(RECORDED.trades(futures, "futures-trades.jsonl", SymbolTable.any(FUTURES))
                        .get(1))
                .extracting(trade -> trade.id().toString())
                .containsExactly("1764824672778886833-b-2.008-266.1-0", "1764824672778886833-b-2.008-247.7-0");
    }

    @Test
    void recorded_coin_margined_trades_are_none_of_either_market() throws Exception {
        assertThat(RECORDED.trades(spot, "coinm-trades.jsonl", table(spot, "spot-instruments.json")))
                .hasSize(10)
                .allMatch(List::isEmpty);
        assertThat(RECORDED.trades(futures, "coinm-trades.jsonl", SymbolTable.any(FUTURES)))
                .allMatch(List::isEmpty);
        assertThat(RECORDED.trades(futures, "coinm-trades.jsonl", table(futures, "futures-instruments.json")))
                .allMatch(List::isEmpty);
    }

    @Test
    void recorded_rows_that_are_alike_in_everything_are_told_apart() throws Exception {
        String line = RECORDED.lines("coinm-trades.jsonl").get(8);
        var bitcoin = Instrument.of(SPOT, "BTCUSD", "BTC", "USD"); // as if it were collected
        Message message = spot.read(Frame.of(line, 0), new SymbolTable(List.of(bitcoin)));

        assertThat(Occurrences.ofDecoding().take((Message.Unnumbered) message))
                .extracting(row -> ((Trade) row).id().toString())
                .containsExactly(
                        "1758950929672637218-b-1095929000-201-0",
                        "1758950929672637218-b-1095929000-201-1",
                        "1758962421019961472-s-1093110000-1-0",
                        "1758962421019961472-s-1093078000-1-0");
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable() throws Exception {
        for (Connector connector : List.of(spot, futures)) {
            for (String file : List.of("spot-control.jsonl", "futures-control.jsonl")) {
                for (String line : RECORDED.lines(file)) {
                    assertThat(connector.read(Frame.of(line, 0), SymbolTable.any(connector.market())))
                            .as(line)
                            .isNotInstanceOfAny(Message.Rows.class, Message.Unnumbered.class, Message.Unreadable.class);
                }
            }
        }
    }

    @Test
    void recorded_instruments_are_kept_and_dropped_as_the_rules_say() throws Exception {
        assertThat(kept(spot, "spot-instruments.json"))
                .containsExactlyInAnyOrder(
                        "sBTCUSDT",
                        "sETHUSDT",
                        "sADAUSDT",
                        "sGRTUSDT",
                        "sSUSHIUSDT",
                        "sENJUSDT",
                        "sBCHUSDT",
                        "sLINKUSDT",
                        "sOLUSDT");
        assertThat(kept(futures, "futures-instruments.json"))
                .containsExactlyInAnyOrder(
                        "BTCUSDT",
                        "ETHUSDT",
                        "LTCUSDT",
                        "ADAUSDT",
                        "XRPUSDT",
                        "APTUSDT",
                        "SOLUSDT",
                        "u1000SHIBUSDT",
                        "u1000PEPEUSDT");
    }

    @Test
    void recorded_multipliers_are_those_of_the_names() throws Exception {
        assertThat(table(futures, "futures-instruments.json").instruments().stream()
                        .filter(instrument -> instrument.multiplier().compareTo(BigDecimal.ONE) != 0)
                        .map(instrument -> instrument.base() + " " + instrument.multiplier()))
                .containsExactlyInAnyOrder("1000 SHIB 1000", "1000 PEPE 1000");
    }

    @Test
    void recorded_rest_trades_are_read_like_a_snapshot() throws Exception {
        Instrument bitcoin = table(spot, "spot-instruments.json").instruments().stream()
                .filter(instrument -> instrument.symbol().equals("sBTCUSDT"))
                .findFirst()
                .orElseThrow();

        assertThat(newest(spot, "spot-rest-trades.json", bitcoin, 1_579_164_056_500_000_000L))
                .isEqualTo("1579164056368538508-s-8696-0.0121-0");
        assertThat(newest(
                        futures,
                        "futures-rest-trades.json",
                        Instrument.of(FUTURES, "BTCUSDT", "BTC", "USDT"),
                        1_666_860_389_900_000_000L))
                .isEqualTo("1666860389799499000-b-20702.1-0.949-0");
    }

    /// Of two rows: the older one may be of a group that is cut.
    private static String newest(Connector connector, String file, Instrument instrument, long receivedAtNanos)
            throws Exception {
        List<Row> rows = Past.rows(connector, RECORDED.bytes(file), instrument, receivedAtNanos);
        assertThat(rows).hasSize(2);
        return ((Trade) rows.getLast()).id().toString();
    }

    @Test
    void the_recorded_error_by_rest_is_that_of_a_bad_symbol() throws Exception {
        assertThat(spot.errorCode(RECORDED.bytes("rest-error.json"))).isEqualTo("6001");
    }

    private static SymbolTable table(Connector connector, String file) throws Exception {
        return new SymbolTable(Recorded.collected(connector, RECORDED.bytes(file)));
    }

    private static List<String> kept(Connector connector, String file) throws Exception {
        return Recorded.symbols(Recorded.collected(connector, RECORDED.bytes(file)));
    }
}
