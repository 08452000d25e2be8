package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process of its own, at 8,000 trades a second, and its database away: nothing is lost, it catches
/// up,
/// and meanwhile what is live is received as fast as ever.
class OutageTest {
    private static final int RATE = 8_000;
    private static final Duration CAUGHT_UP = Duration.ofMinutes(2);
    private static final Duration LONG = Duration.ofSeconds(60);

    /// So far behind is a journal that is not behind.
    private static final Duration LIVE = Duration.ofSeconds(2);

    @TempDir
    private Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    @Test
    @Tag("long")
    void a_minute_without_the_database_is_caught_up_within_two() throws Exception {
        outage(Duration.ofSeconds(5), Duration.ofMinutes(1), 1.5);
    }

    @Test
    @Tag("long")
    void ten_minutes_without_the_database_are_caught_up_within_two_and_take_no_memory() throws Exception {
        outage(Duration.ofMinutes(1), Duration.ofMinutes(10), 1.1);
    }

    private void outage(Duration before, Duration length, double growth) throws Exception {
        ReadyCluster.in(data());
        Market[] markets = Stream.of(Exchange.BINANCE, Exchange.OKX)
                .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
                .toArray(Market[]::new);
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(markets)
                .rate(RATE)
                .instruments(40)
                .build())) {
            Files.writeString(folder.resolve("metdc.yaml"), simulator.configuration());
            try (Metdc metdc = Metdc.start(
                    folder.resolve("metdc.out"),
                    "run",
                    "--config",
                    folder.resolve("metdc.yaml").toString(),
                    "--set",
                    "data_directory=" + data(),
                    "--set",
                    "logging.directory=" + folder.resolve("logs"),
                    "--set",
                    "http.port=0")) {
                await().atMost(LONG).until(() -> behind().compareTo(LIVE) < 0);
                Instant live = Instant.now();
                await().atMost(before.plus(LONG)).until(() -> Instant.now().isAfter(live.plus(before)));
                double usual = delay99(live, Instant.now());
                long memory = resident(metdc);

                EmbeddedPostgres server = EmbeddedPostgres.in(data());
                server.stop(Duration.ofSeconds(20));
                Instant away = Instant.now();
                await().atMost(length.plus(LONG)).until(() -> Instant.now().isAfter(away.plus(length)));
                assertThat(resident(metdc)).isLessThanOrEqualTo((long) (memory * growth));
                server.start();
                Instant back = Instant.now();
                await().atMost(CAUGHT_UP).until(() -> behind().compareTo(LIVE) < 0);
                Instant caughtUp = Instant.now();

                // Received as fast as ever while the backlog was written: the reader waits for no database.
                assertThat(delay99(back, caughtUp)).isLessThanOrEqualTo(Math.max(1.0, 3 * usual));
                simulator.stopTrading();
                long sent =
                        simulator.report().stream().mapToLong(Sent::distinct).sum();
                await().atMost(LONG).until(() -> number("SELECT count(*) FROM trades") == sent);
                await().atMost(LONG).until(() -> number("SELECT sum(abs(unaccounted))::bigint FROM trade_count") == 0);
                assertThat(number("SELECT count(*) FROM holes")).isZero();
                assertThat(metdc.terminate(Duration.ofSeconds(20)))
                        .as(metdc::said)
                        .isZero();
            }
        }
    }

    /// How long ago the newest stored trade was received.
    private Duration behind() throws Exception {
        return Duration.ofMillis(number("SELECT coalesce((1000 * extract(epoch FROM now() - max(received_at)))::bigint,"
                + " 1000000) FROM trades WHERE executed_at > now() - interval '2 minutes'"));
    }

    /// What 99 of 100 trades needed from the exchange to us, in seconds.
    private double delay99(Instant from, Instant to) throws Exception {
        return number(
                        "SELECT coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY 1e6 * extract(epoch FROM received_at"
                                + " - executed_at)), 0)::bigint FROM trades WHERE executed_at BETWEEN '" + from
                                + "' AND '" + to + "'")
                / 1e6;
    }

    private long number(String sql) throws Exception {
        try (Database database = Database.visit(StorageSettings.embedded(data()))) {
            Map<String, String> row = Listed.rows(database, sql).getFirst();
            return Long.parseLong(row.values().iterator().next());
        } catch (DatabaseException e) {
            return 1_000_000; // not there yet
        }
    }

    /// Bytes of memory that the process holds; 0 where the system does not say.
    private static long resident(Metdc metdc) throws IOException {
        Path status = Path.of("/proc/" + metdc.pid() + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        }
    }
}
