package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/// Every exchange's trades from its simulated sockets to SQL: none lost, none doubled, each exactly as it was sent.
class ExchangesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Exchange.class,
            names = {"BYBIT", "OKX", "KUCOIN", "GATE", "PHEMEX", "UPBIT"})
    void every_trade_sent_is_in_sql_once_and_exactly_as_it_was_sent(Exchange exchange) throws Exception {
        List<Market> markets = exchange == Exchange.UPBIT
                ? List.of(new Market(exchange, MarketType.SPOT))
                : List.of(new Market(exchange, MarketType.SPOT), new Market(exchange, MarketType.FUTURES));
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(4_000)
                .instruments(12)
                .past(Duration.ofSeconds(5))
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(500);
            metdc.awaitStored(3_000);

            RehearsalResult result = metdc.settle();

            assertThat(result.markets()).allSatisfy(market -> {
                assertThat(market.unaccounted()).isZero();
                assertThat(market.stored()).isPositive();
                assertThat(market.holes()).isZero();
            });
            for (Market market : markets) {
                assertThat(TapeComparison.of(simulator, market, metdc.collector.database()))
                        .isEmpty();
            }
        }
    }

    @Test
    void more_connections_than_the_exchange_allows_are_said() throws Exception {
        Market market = new Market(Exchange.PHEMEX, MarketType.SPOT);
        Logger logger = (Logger) LoggerFactory.getLogger(Pool.class);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.list = new CopyOnWriteArrayList<>();
        said.start();
        logger.addAppender(said);
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(market)
                        .instruments(7)
                        .build());
                Rehearsed _ = new Rehearsed(simulator, folder, "exchanges.phemex.spot.max_symbols_per_connection=1")) {
            await().until(() -> said.list.stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .anyMatch(
                            line -> line.contains("7 connections are needed, and the exchange allows one address 5")));
        } finally {
            logger.detachAppender(said);
        }
    }
}
