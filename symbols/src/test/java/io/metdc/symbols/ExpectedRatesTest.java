package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpectedRatesTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Instrument BTC = Instrument.of(SPOT, "BTCUSDT", "BTC", "USDT");
    private static final Instrument ETH = Instrument.of(SPOT, "ETHUSDT", "ETH", "USDT");

    @TempDir
    private Path folder;

    @Test
    void what_was_counted_in_one_run_spreads_the_instruments_of_the_next() {
        Path file = folder.resolve("instruments/rates.json");
        ExpectedRates first = new ExpectedRates(file);
        first.learn(Map.of(BTC.key(), 6_000L), Duration.ofMinutes(1));
        first.learn(Map.of(BTC.key(), 6_600L), Duration.ofMinutes(1)); // of the minute after it: 10 a second
        first.write();
        ExpectedRates second = new ExpectedRates(file);

        assertThat(second.of(BTC)).isEqualTo(100 + 0.3 * (10 - 100));
        assertThat(second.of(ETH)).isPositive().isLessThan(1);
    }

    @Test
    void a_file_that_is_damaged_means_that_nothing_is_known() throws Exception {
        Path file = Files.writeString(folder.resolve("rates.json"), "{\"binance-spot\": {\"BTC");
        ExpectedRates rates = new ExpectedRates(file);

        assertThat(rates.of(BTC)).isEqualTo(rates.of(ETH));
        rates.learn(Map.of(BTC.key(), 60L), Duration.ofSeconds(1));
        rates.write();
        assertThat(new ExpectedRates(file).of(BTC)).isEqualTo(60);
    }
}
