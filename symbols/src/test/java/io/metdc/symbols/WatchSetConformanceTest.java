package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.ListServer.Answer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Recorded lists of instruments and of Upbit's markets, which stay outside of the repository: `-Dmetdc.frames=DIR`.
/// What is to be watched is worked out here a second time, from the fields of the answers and the selection rules.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class WatchSetConformanceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LEVERAGED = ".+[2-5][LS]";
    private static final Set<String> FIAT = Set.of("EUR", "GBP", "AUD", "BRL", "TRY", "JPY");

    @TempDir
    private Path folder;

    private final Map<String, String> coins = new TreeMap<>(); // by market and symbol
    private final Set<String> krw = new HashSet<>();

    @BeforeEach
    void work_out_what_is_expected() throws IOException {
        for (JsonNode row : recorded(Exchange.UPBIT, "market-all.json")) {
            String market = row.path("market").asText();
            if (market.startsWith("KRW-")) {
                krw.add(market.substring(4));
            }
        }
        binance();
        bybit();
        okx();
        kucoin();
        gate();
        phemex();
    }

    @ParameterizedTest
    @EnumSource
    void the_watch_set_is_exactly_what_the_rules_say_in_each_mode(UpbitKrw mode) throws Exception {
        Map<String, UpbitMark> expected = new TreeMap<>();
        coins.forEach((instrument, coin) -> {
            UpbitMark mark = krw.contains(coin) ? UpbitMark.LISTED : UpbitMark.UNLISTED;
            if (mode == UpbitKrw.BOTH || mode.name().equals(mark.name())) {
                expected.put(instrument, mark);
            }
        });
        expected.put("upbit-spot KRW-BTC", UpbitMark.LISTED);
        expected.put("upbit-spot KRW-USDT", UpbitMark.LISTED);

        assertThat(watched(mode)).isEqualTo(expected);
    }

    @Test
    void the_recorded_lists_say_something_in_both_directions() {
        assertThat(coins).containsEntry("gate-futures 2Z_USDT", "2Z").hasSizeGreaterThan(60);
        assertThat(coins.values()).anyMatch(krw::contains).anyMatch(coin -> !krw.contains(coin));
    }

    private Map<String, UpbitMark> watched(UpbitKrw mode) throws Exception {
        Filter filter = new Filter(mode, List.of(), List.of(), List.of(), Set.of("USDT"), Aliases.NONE);
        Universe universe = new Universe(filter, InstantSource.system(), (_, _) -> {});
        Map<String, UpbitMark> watched = new TreeMap<>();
        try (ListServer server = new ListServer(folder, WatchSetConformanceTest::answer)) {
            for (Connector connector : Connectors.all()) {
                universe.accept(server.load(connector.market()));
            }
        }
        for (Connector connector : Connectors.all()) {
            universe.watched(connector.market())
                    .watched()
                    .forEach(one -> watched.put(one.instrument().toString(), one.mark()));
        }
        return watched;
    }

    private static Answer answer(Market market, String request) throws IOException {
        if (market.equals(KrwList.MARKET)) {
            return Answer.of(Files.readAllBytes(file(Exchange.UPBIT, "market-all.json")));
        }
        Path next = file(market.exchange(), market.type() + "-instruments-page2.json");
        boolean isNext = request.contains("cursor=") && Files.exists(next);
        return Answer.of(
                Files.readAllBytes(isNext ? next : file(market.exchange(), market.type() + "-instruments.json")));
    }

    // ---- the selection rules, field by field

    private void binance() throws IOException {
        for (JsonNode row : recorded(Exchange.BINANCE, "spot-instruments.json").path("symbols")) {
            if (is(row, "status", "TRADING")
                    && row.path("isSpotTradingAllowed").asBoolean()
                    && is(row, "quoteAsset", "USDT")
                    && !row.path("permissionSets").toString().contains("\"TRD_GRP_261\"")
                    && !isFiat(row, "baseAsset")) {
                expect(Exchange.BINANCE, MarketType.SPOT, row, "symbol", "baseAsset");
            }
        }
        for (JsonNode row :
                recorded(Exchange.BINANCE, "futures-instruments.json").path("symbols")) {
            if (is(row, "contractType", "PERPETUAL")
                    && is(row, "status", "TRADING")
                    && is(row, "quoteAsset", "USDT")
                    && is(row, "marginAsset", "USDT")
                    && is(row, "underlyingType", "COIN")) {
                expect(Exchange.BINANCE, MarketType.FUTURES, row, "symbol", "baseAsset");
            }
        }
    }

    private void bybit() throws IOException {
        for (JsonNode row : recorded(Exchange.BYBIT, "spot-instruments.json").at("/result/list")) {
            if (is(row, "status", "Trading")
                    && is(row, "quoteCoin", "USDT")
                    && is(row, "symbolType", "", "innovation", "adventure")
                    && !row.path("baseCoin").asText().matches(LEVERAGED)
                    && !isFiat(row, "baseCoin")) {
                expect(Exchange.BYBIT, MarketType.SPOT, row, "symbol", "baseCoin");
            }
        }
        List<JsonNode> contracts = new ArrayList<>();
        recorded(Exchange.BYBIT, "futures-instruments.json").at("/result/list").forEach(contracts::add);
        recorded(Exchange.BYBIT, "futures-instruments-page2.json")
                .at("/result/list")
                .forEach(contracts::add);
        for (JsonNode row : contracts) {
            if (is(row, "contractType", "LinearPerpetual")
                    && is(row, "status", "Trading")
                    && is(row, "quoteCoin", "USDT")
                    && is(row, "settleCoin", "USDT")
                    && is(row, "symbolType", "", "innovation", "adventure")
                    && !row.path("isPreListing").asBoolean()) {
                expect(Exchange.BYBIT, MarketType.FUTURES, row, "symbol", "baseCoin");
            }
        }
    }

    private void okx() throws IOException {
        for (JsonNode row : recorded(Exchange.OKX, "spot-instruments.json").path("data")) {
            if (is(row, "instType", "SPOT") && is(row, "quoteCcy", "USDT") && isPlain(row) && !isFiat(row, "baseCcy")) {
                expect(Exchange.OKX, MarketType.SPOT, row, "instId", "baseCcy");
            }
        }
        for (JsonNode row : recorded(Exchange.OKX, "futures-instruments.json").path("data")) {
            if (is(row, "instType", "SWAP")
                    && is(row, "ctType", "linear")
                    && is(row, "settleCcy", "USDT")
                    && isPlain(row)
                    && isPositive(row, "ctVal")
                    && isPositive(row, "ctMult")) {
                expect(Exchange.OKX, MarketType.FUTURES, row, "instId", "ctValCcy");
            }
        }
    }

    private static boolean isPlain(JsonNode row) {
        return is(row, "state", "live") && is(row, "instCategory", "", "1") && is(row, "ruleType", "", "normal");
    }

    private void kucoin() throws IOException {
        for (JsonNode row : recorded(Exchange.KUCOIN, "spot-instruments.json").path("data")) {
            String base = row.path("baseCurrency").asText();
            if (is(row, "quoteCurrency", "USDT")
                    && row.path("enableTrading").asBoolean()
                    && !is(row, "market", "ETF", "Stocks")
                    && !base.matches(LEVERAGED)
                    && !isFiat(row, "baseCurrency")) {
                String shown = row.path("name").asText().replace("-USDT", "");
                expect(Exchange.KUCOIN, MarketType.SPOT, row.path("symbol").asText(), shown);
            }
        }
        for (JsonNode row :
                recorded(Exchange.KUCOIN, "futures-instruments.json").path("data")) {
            if (is(row, "type", "FFWCSX")
                    && is(row, "quoteCurrency", "USDT")
                    && is(row, "settleCurrency", "USDT")
                    && !row.path("isInverse").asBoolean()
                    && is(row, "status", "Open")
                    && is(row, "marketStage", "", "NORMAL")
                    && is(row, "assetClass", "", "CRYPTO")
                    && isPositive(row, "multiplier")) {
                expect(Exchange.KUCOIN, MarketType.FUTURES, row, "symbol", "baseCurrency");
            }
        }
    }

    private void gate() throws IOException {
        for (JsonNode row : recorded(Exchange.GATE, "spot-instruments.json")) {
            if (is(row, "quote", "USDT")
                    && is(row, "trade_status", "tradable")
                    && is(row, "type", "", "normal")
                    && !row.path("base").asText().matches(LEVERAGED)
                    && !row.path("base_name").asText().matches("(?i).*(xstock|ondo tokenized).*")
                    && !isFiat(row, "base")) {
                expect(Exchange.GATE, MarketType.SPOT, row, "id", "base");
            }
        }
        for (JsonNode row : recorded(Exchange.GATE, "futures-instruments.json")) {
            String name = row.path("name").asText();
            if (is(row, "type", "direct")
                    && name.matches("[^_]+_USDT")
                    && is(row, "status", "", "trading", "circuit_breaker")
                    && !row.path("in_delisting").asBoolean()
                    && is(row, "contract_type", "")
                    && !row.path("is_pre_market").asBoolean()
                    && isPositive(row, "quanto_multiplier")) {
                expect(Exchange.GATE, MarketType.FUTURES, name, name.replace("_USDT", ""));
            }
        }
    }

    private void phemex() throws IOException {
        for (JsonNode row : recorded(Exchange.PHEMEX, "spot-instruments.json").at("/data/products")) {
            if (is(row, "type", "Spot")
                    && is(row, "quoteCurrency", "USDT")
                    && is(row, "status", "Listed")
                    && row.has("priceScale")
                    && !isFiat(row, "baseCurrency")) {
                expect(Exchange.PHEMEX, MarketType.SPOT, row, "symbol", "baseCurrency");
            }
        }
        for (JsonNode row :
                recorded(Exchange.PHEMEX, "futures-instruments.json").at("/data/perpProductsV2")) {
            if (is(row, "type", "PerpetualV2")
                    && is(row, "quoteCurrency", "USDT")
                    && is(row, "settleCurrency", "USDT")
                    && is(row, "status", "Listed")
                    && is(row, "perpProductSubType", "", "Normal")) {
                expect(Exchange.PHEMEX, MarketType.FUTURES, row, "symbol", "baseCurrency");
            }
        }
    }

    // ---- fields

    private void expect(Exchange exchange, MarketType type, JsonNode row, String symbol, String base) {
        expect(exchange, type, row.path(symbol).asText(), row.path(base).asText());
    }

    private void expect(Exchange exchange, MarketType type, String symbol, String base) {
        String coin =
                base.replaceFirst("^(1000000|10000|1000|1M) ?(?=[A-Z]{2})", "").replaceFirst("(?<=[A-Z])1000$", "");
        coins.put(new Market(exchange, type) + " " + symbol, coin.equals("XBT") ? "BTC" : coin);
    }

    /// A field that is missing is empty.
    private static boolean is(JsonNode row, String field, String... allowed) {
        return List.of(allowed).contains(row.path(field).asText(""));
    }

    private static boolean isFiat(JsonNode row, String base) {
        return FIAT.contains(row.path(base).asText());
    }

    private static boolean isPositive(JsonNode row, String field) {
        String number = row.path(field).asText();
        return !number.isEmpty() && new BigDecimal(number).signum() > 0;
    }

    private static JsonNode recorded(Exchange exchange, String name) throws IOException {
        return JSON.readTree(file(exchange, name).toFile());
    }

    private static Path file(Exchange exchange, String name) {
        return Path.of(System.getProperty("metdc.frames"), exchange.id(), name);
    }
}
