package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Trade;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class OkxConformanceTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);

    private final Recorded recorded = new Recorded("okx");
    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector swap = Connectors.forDecoding(FUTURES).orElseThrow();

    private SymbolTable table(Connector connector, String file) throws Exception {
        return new SymbolTable(Recorded.collected(connector, recorded.bytes(file)));
    }

    @Test
    void every_recorded_spot_trade_is_read() throws Exception {
        assertThat(recorded.count(spot, "spot-trades.jsonl", SymbolTable.any(SPOT)))
                .isEqualTo(31);
        assertThat(recorded.trades(spot, "spot-trades.jsonl", SymbolTable.any(SPOT))
                        .get(1))
                .singleElement()
                .satisfies(trade -> assertThat(trade.flags()).containsExactly(Flag.RPI));
    }

    @Test
    void with_the_list_of_instruments_only_collected_symbols_are_read() throws Exception {
        assertThat(recorded.linesWithTrades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json")))
                .hasSize(28)
                .doesNotContain(5, 7, 8);
        List<Integer> lines =
                recorded.linesWithTrades(swap, "futures-trades.jsonl", table(swap, "futures-instruments.json"));
        assertThat(lines).hasSize(19).doesNotContain(18, 21, 22, 23, 24, 25, 26, 27);
    }

    @Test
    void several_rows_of_a_frame_are_several_trades() throws Exception {
        String file = "synthetic-multi-trade.jsonl";
        assertThat(recorded.trades(spot, file, table(spot, "spot-instruments.json"))
                        .get(0))
                .hasSize(3);
        assertThat(recorded.trades(swap, file, table(swap, "futures-instruments.json"))
                        .get(1))
                .hasSize(2);
    }

    @Test
    void the_recorded_lists_give_the_decisions_written_beside_them() throws Exception {
        assertThat(Recorded.symbols(Recorded.collected(spot, recorded.bytes("spot-instruments.json"))))
                .containsExactlyInAnyOrder("BTC-USDT", "ETH-USDT", "SHIB-USDT");
        List<Instrument> swaps = Recorded.collected(swap, recorded.bytes("futures-instruments.json"));
        assertThat(Recorded.symbols(swaps))
                .containsExactlyInAnyOrder(
                        "BTC-USDT-SWAP",
                        "ETH-USDT-SWAP",
                        "DOGE-USDT-SWAP",
                        "SHIB-USDT-SWAP",
                        "XRP-USDT-SWAP",
                        "BABYDOGE-USDT-SWAP");
        assertThat(swaps.getFirst().contractSize()).isEqualByComparingTo("0.01");
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable() throws Exception {
        for (String file : List.of("spot-control.jsonl", "futures-control.jsonl")) {
            for (String line : recorded.lines(file)) {
                assertThat(swap.read(Frame.of(line, 0), SymbolTable.any(FUTURES)))
                        .as(line)
                        .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
            }
        }
    }

    @Test
    void recorded_rest_trades_are_read_oldest_first() throws Exception {
        Instrument btc = Instrument.of(SPOT, "BTC-USDT", "BTC", "USDT");
        assertThat(Past.rows(spot, recorded.bytes("spot-rest-trades.json"), btc, 0))
                .extracting(row -> ((Trade) row).sequence())
                .containsExactly(734_864_332L, 734_864_333L);
        assertThat(Past.rows(spot, recorded.bytes("spot-rest-history-trades.json"), btc, 0))
                .hasSize(2)
                .hasOnlyElementsOfType(Trade.class);
        assertThat(Past.rows(swap, recorded.bytes("futures-rest-trades.json"), btc, 0))
                .hasSize(6)
                .hasOnlyElementsOfType(Trade.class);
    }
}
