package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Trade;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class GateConformanceTest {
    private static final Market SPOT = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);

    private final Recorded recorded = new Recorded("gate");
    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector futures = Connectors.forDecoding(FUTURES).orElseThrow();

    @Test
    void every_recorded_spot_trade_is_read() throws Exception {
        assertThat(recorded.count(spot, "spot-trades.jsonl", SymbolTable.any(SPOT)))
                .isEqualTo(16);
    }

    @Test
    void the_recorded_lists_give_the_decisions_written_beside_them() throws Exception {
        assertThat(Recorded.symbols(Recorded.collected(spot, recorded.bytes("spot-instruments.json"))))
                .containsExactlyInAnyOrder("BTC_USDT", "ETH_USDT", "NANO_USDT");
        assertThat(Recorded.symbols(Recorded.collected(futures, recorded.bytes("futures-instruments.json"))))
                .containsExactlyInAnyOrder(
                        "BTC_USDT",
                        "ETH_USDT",
                        "ARIA_USDT",
                        "2Z_USDT",
                        "1INCH_USDT",
                        "币安人生_USDT",
                        "PEPE_USDT",
                        "PYR_USDT",
                        "HALT_USDT");
    }

    @Test
    void with_the_list_of_instruments_only_collected_symbols_are_read() throws Exception {
        var pairs = new SymbolTable(Recorded.collected(spot, recorded.bytes("spot-instruments.json")));
        assertThat(recorded.linesWithTrades(spot, "spot-trades.jsonl", pairs)).containsExactly(1, 2, 3, 4, 6, 13);
        var contracts = new SymbolTable(Recorded.collected(futures, recorded.bytes("futures-instruments.json")));
        assertThat(recorded.count(futures, "futures-trades.jsonl", contracts)).isEqualTo(19);
        assertThat(recorded.linesWithTrades(futures, "futures-trades.jsonl", contracts))
                .doesNotContain(14, 16, 17, 18, 20, 21, 23, 25, 26);
        assertThat(recorded.trades(futures, "futures-trades.jsonl", contracts).get(14))
                .hasSize(3);
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable() throws Exception {
        for (Connector connector : List.of(spot, futures)) {
            for (String line : recorded.lines(connector.market().type().id() + "-control.jsonl")) {
                assertThat(connector.read(Frame.of(line, 0), SymbolTable.any(connector.market())))
                        .as(line)
                        .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
            }
        }
    }

    @Test
    void recorded_rest_trades_are_read() throws Exception {
        Instrument btc = Instrument.of(SPOT, "BTC_USDT", "BTC", "USDT");
        assertThat(Past.rows(spot, recorded.bytes("spot-rest-trades.json"), btc, 0))
                .hasSize(2)
                .hasOnlyElementsOfType(Trade.class);
        assertThat(Past.rows(futures, recorded.bytes("futures-rest-trades.json"), btc, 0))
                .hasSize(2)
                .hasOnlyElementsOfType(Trade.class)
                .allSatisfy(row -> assertThat(((Trade) row).executedAtNanos())
                        .isBetween(1_790_000_000_000_000_000L, 1_800_000_000_000_000_000L));
    }
}
