package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Reads recorded frames, which stay outside of the repository: `-Dmetdc.frames=DIR`.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class UpbitConformanceTest {
    private static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);

    private final Connector upbit = Connectors.forDecoding(MARKET).orElseThrow();

    private static Path file(String name) {
        return Path.of(System.getProperty("metdc.frames"), "upbit", name);
    }

    private List<Trade> trades(Instruments instruments) throws Exception {
        List<Trade> trades = new ArrayList<>();
        for (String line : Files.readAllLines(file("ws-trade-samples.jsonl"))) {
            JsonNode sample = new ObjectMapper().readTree(line);
            JsonNode frame = sample.get("frame");
            String text = frame.isTextual() ? frame.textValue() : frame.toString();
            if (upbit.read(Frame.of(text, 0), instruments) instanceof Message.Rows(var rows)) {
                rows.stream()
                        .filter(Trade.class::isInstance)
                        .map(Trade.class::cast)
                        .forEach(trades::add);
            }
        }
        return trades;
    }

    @Test
    void every_recorded_trade_is_read() throws Exception {
        List<Trade> trades = trades(SymbolTable.any(MARKET));

        assertThat(trades).hasSize(30);
        assertThat(trades.stream()
                        .map(trade -> trade.instrument().symbol() + trade.id())
                        .distinct())
                .hasSize(28);
        assertThat(trades.subList(0, 24).stream().filter(trade -> trade.takerSide() == TakerSide.BUY))
                .hasSize(8);
    }

    @Test
    void with_the_list_of_markets_every_krw_market_in_it_counts() throws Exception {
        var listed = upbit.readInstruments(Files.readAllBytes(file("market-all.json"))).listings().stream()
                .map(InstrumentPage.Listing::instrument)
                .filter(Objects::nonNull)
                .toList();
        assertThat(listed).hasSize(31);
        assertThat(listed.stream().filter(upbit::isAlwaysCollected)).hasSize(2);

        List<Trade> trades = trades(new SymbolTable(listed));

        assertThat(trades).hasSize(6);
        assertThat(trades.stream().map(Trade::id).distinct()).hasSize(4);
    }
}
