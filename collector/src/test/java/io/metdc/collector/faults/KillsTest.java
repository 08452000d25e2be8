package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program is killed at random instants and started again, while it starts too.
class KillsTest {
    /// By ids with and without consumed numbers; by connection with and without a snapshot.
    private static final List<Market> MARKETS = List.of(
            new Market(Exchange.BINANCE, MarketType.SPOT),
            new Market(Exchange.GATE, MarketType.FUTURES),
            new Market(Exchange.BYBIT, MarketType.SPOT),
            new Market(Exchange.PHEMEX, MarketType.FUTURES));

    @TempDir
    private Path folder;

    @Test
    void twenty_kills_lose_nothing_acknowledged_and_double_nothing() throws Exception {
        kills(20, 20261120);
    }

    @Test
    @Tag("long")
    void a_hundred_kills_lose_nothing_acknowledged_and_double_nothing() throws Exception {
        kills(100, 20261121);
    }

    private void kills(int count, long seed) throws Exception {
        Verdict verdict = FaultKit.kill(
                count,
                FaultOptions.in(folder)
                        .withMarkets(MARKETS)
                        .withSeed(seed)
                        .withRate(1_500)
                        .withInstruments(6),
                System.out);
        assertThat(verdict.failures()).as(String.join("\n", verdict.details())).isEmpty();
        assertThat(verdict.planted()).containsEntry(Kind.KILL, (long) count);
        assertThat(verdict.acknowledged().kills()).isGreaterThan(count); // and the last, orderly end
    }
}
