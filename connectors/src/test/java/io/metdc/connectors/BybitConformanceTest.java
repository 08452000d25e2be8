package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class BybitConformanceTest {
    private static final Market SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BYBIT, MarketType.FUTURES);

    private final Recorded recorded = new Recorded("bybit");
    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector linear = Connectors.forDecoding(FUTURES).orElseThrow();

    @Test
    void every_recorded_trade_is_read() throws Exception {
        assertThat(recorded.count(spot, "spot-trades.jsonl", SymbolTable.any(SPOT)))
                .isEqualTo(34);
        assertThat(recorded.count(linear, "futures-trades.jsonl", SymbolTable.any(FUTURES)))
                .isEqualTo(36);
        assertThat(recorded.trades(spot, "spot-trades.jsonl", SymbolTable.any(SPOT))
                        .get(2))
                .singleElement()
                .satisfies(trade -> assertThat(trade.flags()).containsExactly(Flag.RPI));
    }

    @Test
    void with_the_list_of_instruments_only_collected_symbols_are_read() throws Exception {
        List<Instrument> listed = Recorded.collected(spot, recorded.bytes("spot-instruments.json"));
        assertThat(Recorded.symbols(listed))
                .containsExactlyInAnyOrder("BTCUSDT", "PEPEUSDT", "DOGEUSDT", "1INCHUSDT", "NEWMEMEUSDT");
        assertThat(recorded.count(spot, "spot-trades.jsonl", new SymbolTable(listed)))
                .isEqualTo(8);

        byte[] first = recorded.bytes("futures-instruments.json");
        byte[] second = recorded.bytes("futures-instruments-page2.json");
        assertThat(Recorded.symbols(Recorded.collected(linear, first, second)))
                .containsExactlyInAnyOrder(
                        "BTCUSDT",
                        "1000PEPEUSDT",
                        "SHIB1000USDT",
                        "10000LADYSUSDT",
                        "EPICUSDT",
                        "ZZZTUSDT",
                        "DOGEUSDT",
                        "SOLUSDT");
        assertThat(futures(first)).isEqualTo(30);
        assertThat(futures(second)).isEqualTo(1);
        assertThat(futures(first, second)).isEqualTo(31);
    }

    private int futures(byte[]... answers) throws Exception {
        return recorded.count(linear, "futures-trades.jsonl", new SymbolTable(Recorded.collected(linear, answers)));
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable() throws Exception {
        for (String file : List.of("spot-control.jsonl", "futures-control.jsonl")) {
            for (String line : recorded.lines(file)) {
                assertThat(linear.read(Frame.of(line, 0), SymbolTable.any(FUTURES)))
                        .as(line)
                        .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
            }
        }
    }

    @Test
    void recorded_rest_trades_are_those_of_the_stream() throws Exception {
        List<Row> byRest = Past.rows(
                linear,
                recorded.bytes("futures-rest-trades.json"),
                Instrument.of(FUTURES, "BTCUSDT", "BTCUSDT", "?"),
                0);
        List<Trade> byStream = recorded.trades(linear, "futures-trades.jsonl", SymbolTable.any(FUTURES))
                .getFirst();

        assertThat(byRest).hasSize(9);
        assertThat(byRest.stream().map(row -> ((Trade) row).id()))
                .containsExactlyInAnyOrderElementsOf(
                        byStream.stream().map(Trade::id).toList());
        assertThat(Past.rows(
                        spot,
                        recorded.bytes("spot-rest-trades.json"),
                        Instrument.of(SPOT, "BTCUSDC", "BTC", "USDC"),
                        0))
                .hasSize(12)
                .hasOnlyElementsOfType(Trade.class);
    }
}
