package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class KucoinConformanceTest {
    private static final Market SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.KUCOIN, MarketType.FUTURES);

    private final Recorded recorded = new Recorded("kucoin");
    private final Connector spot = Connectors.forDecoding(SPOT).orElseThrow();
    private final Connector futures = Connectors.forDecoding(FUTURES).orElseThrow();

    @Test
    void every_recorded_spot_trade_is_read() throws Exception {
        assertThat(recorded.linesWithTrades(spot, "spot-trades.jsonl", SymbolTable.any(SPOT)))
                .isEqualTo(IntStream.rangeClosed(1, 25).boxed().toList());
    }

    @Test
    void with_the_list_of_instruments_only_collected_spot_symbols_are_read() throws Exception {
        assertThat(recorded.linesWithTrades(spot, "spot-trades.jsonl", table(spot, "spot-instruments.json")))
                .containsExactly(13, 15, 16, 17, 18, 19, 22, 23, 24, 25);
    }

    @Test
    void with_the_list_of_contracts_only_collected_futures_symbols_are_read() throws Exception {
        assertThat(recorded.linesWithTrades(
                        futures, "futures-trades.jsonl", table(futures, "futures-instruments.json")))
                .containsExactly(1, 3, 4, 5, 8);
    }

    @Test
    void recorded_trades_have_their_exact_numbers() throws Exception {
        List<Trade> trades = recorded.trades(spot, "spot-trades.jsonl", SymbolTable.any(SPOT))
                .get(23);
        assertThat(trades).singleElement().satisfies(trade -> {
            assertThat(trade.id()).isEqualTo(TradeId.of(24_193_081_206_521_856L));
            assertThat(trade.executedAtNanos()).isEqualTo(1_788_335_265_722_000_000L);
        });
        Instruments contracts = table(futures, "futures-instruments.json");
        Trade lots = recorded.trades(futures, "futures-trades.jsonl", contracts)
                .getFirst()
                .getFirst();
        assertThat(lots.quantity()).isEqualByComparingTo("0.002");
        assertThat(lots.instrument().base()).isEqualTo("BTC");
        assertThat(lots.takerSide()).isEqualTo(TakerSide.BUY);
        assertThat(lots.executedAtNanos()).isEqualTo(1_788_348_620_000_000_000L);
    }

    @Test
    void no_control_frame_is_a_row_or_unreadable_nor_is_the_newer_service() throws Exception {
        for (Connector connector : List.of(spot, futures)) {
            for (String file :
                    List.of("spot-control.jsonl", "futures-control.jsonl", "uta-control.jsonl", "uta-trades.jsonl")) {
                for (String line : recorded.lines(file)) {
                    assertThat(connector.read(Frame.of(line, 0), SymbolTable.any(connector.market())))
                            .as(line)
                            .isNotInstanceOfAny(Message.Rows.class, Message.Unreadable.class);
                }
            }
        }
    }

    @Test
    void recorded_instruments_are_kept_and_dropped_as_the_rules_say() throws Exception {
        List<Instrument> kept = Recorded.collected(spot, recorded.bytes("spot-instruments.json"));
        assertThat(Recorded.symbols(kept))
                .containsExactlyInAnyOrder("BTC-USDT", "ETH-USDT", "ADA-USDT", "GALAX-USDT", "BCHSV-USDT", "WAX-USDT");
        assertThat(kept).extracting(Instrument::base).contains("GALA", "BSV", "WAXP");
        assertThat(Recorded.symbols(Recorded.collected(futures, recorded.bytes("futures-instruments.json"))))
                .containsExactlyInAnyOrder(
                        "XBTUSDTM", "ETHUSDTM", "ZRXUSDTM", "ADAUSDTM", "DOGEUSDTM", "1000BONKUSDTM", "OMNIUSDTM");
    }

    @Test
    void recorded_rest_trades_are_read_oldest_first() throws Exception {
        Instrument btc = Instrument.of(SPOT, "BTC-USDT", "BTC", "USDT");
        Instrument xbt = Instrument.of(FUTURES, "XBTUSDTM", "BTC", "USDT");

        assertThat(ids(Past.rows(spot, recorded.bytes("spot-rest-trades.json"), btc, 0)))
                .containsExactly("10976028003549185", "10976028003549188", "10976028003549191");
        assertThat(ids(Past.rows(futures, recorded.bytes("futures-rest-trades.json"), xbt, 0)))
                .containsExactly("1697915257701", "1697915257749", "1697915257909");
    }

    @Test
    void recorded_tokens_open_their_servers() throws Exception {
        Endpoint endpoint = futures.endpoint(null, "c-1", recorded.bytes("bullet-public-futures.json"));

        assertThat(endpoint.address().toString())
                .startsWith("wss://ws-api-futures.kucoin.com/?token=2neAiuYvAU61ZDXANAGAsiL4-")
                .endsWith("==&connectId=c-1");
        assertThat(endpoint.silence()).isEqualTo(Duration.ofSeconds(28));
    }

    private static List<String> ids(List<Row> rows) {
        return rows.stream().map(row -> ((Trade) row).id().toString()).toList();
    }

    private SymbolTable table(Connector connector, String file) throws Exception {
        return new SymbolTable(Recorded.collected(connector, recorded.bytes(file)));
    }
}
