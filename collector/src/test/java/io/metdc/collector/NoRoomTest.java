package io.metdc.collector;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// The whole collector with a journal that takes nothing for a while: since the database is away for longer
/// than it can bridge, or since its disk is full. Nothing is lost silently, and it goes on by itself.
@Timeout(180)
class NoRoomTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /// Numbers between the first and the last stored one that are neither stored nor consumed nor within a
    /// hole.
    private static final String UNNAMED = """
            WITH spans AS (SELECT instrument_id, max(sequence) - min(sequence) + 1 - count(*) AS missing
                           FROM trades GROUP BY instrument_id),
                 named AS (SELECT instrument_id, sum(expected - found) AS missing FROM holes GROUP BY 1),
                 consumed AS (SELECT instrument_id, sum(consumed) AS consumed FROM trade_counts GROUP BY 1)
            SELECT coalesce(sum(greatest(0, spans.missing - coalesce(named.missing, 0) - consumed.consumed)), 0)
            FROM spans LEFT JOIN named USING (instrument_id) LEFT JOIN consumed USING (instrument_id)
            """;

    @TempDir
    private Path folder;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(JournalWatch.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getLevel() + " " + event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    @Test
    void a_database_that_is_away_for_longer_than_the_journal_holds_stops_reading_and_is_caught_up_when_it_returns()
            throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(folder.resolve("data"));
        try (Simulator simulator = Simulator.start(options());
                Rehearsed metdc = new Rehearsed(simulator, folder, "journal.max_size=1MB")) {
            metdc.awaitStored(1_000);
            server.stop(Duration.ofSeconds(20));
            awaitStopped(metdc);
            assertThat(metdc.collector.status().inWords())
                    .contains("the journal takes nothing: the journal has reached its size")
                    .contains("reading has stopped until there is room")
                    .contains("the journal is full to 9")
                    .contains("binance-spot-1 waiting for room");
            long journaled = metdc.collector.status().intake().journaled();
            server.start();
            awaitDelivering(metdc);
            await().atMost(LONG).until(() -> metdc.collector.status().intake().journaled() > journaled + 3_000);

            meets(metdc, simulator);
            assertThat(said)
                    .filteredOn(line -> line.contains("reading stops until there is room"))
                    .hasSize(1);
            assertThat(said)
                    .filteredOn(line -> line.contains("reading goes on"))
                    .hasSize(1);
            assertThat(said).anyMatch(line -> line.startsWith("ERROR the journal is full to 9"));
        }
    }

    @Test
    void a_full_disk_stops_reading_and_is_gone_on_from_when_there_is_room() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "mode=700,size=8m", "tmpfs", disk.toString()),
                "no file system may be mounted here");
        try (Simulator simulator = Simulator.start(options());
                Rehearsed metdc = new Rehearsed(
                        simulator, folder, "journal.directory=" + disk.resolve("journal"), "journal.max_size=1MB")) {
            metdc.awaitStored(1_000);
            Path ballast = disk.resolve("ballast");
            await().atMost(LONG).until(() -> {
                fill(ballast); // again and again: what is in the database by now makes room in the journal
                return isStopped(metdc);
            });
            assertThat(metdc.collector.status().inWords())
                    .contains("No space left on device")
                    .contains("reading has stopped until there is room")
                    .contains("the journal's disk is full to 100 % (0 kB are free)");
            long journaled = metdc.collector.status().intake().journaled();
            Files.delete(ballast);
            awaitDelivering(metdc);
            await().atMost(LONG).until(() -> metdc.collector.status().intake().journaled() > journaled + 3_000);

            meets(metdc, simulator);
            assertThat(said)
                    .filteredOn(line -> line.contains("reading goes on"))
                    .hasSize(1);
            assertThat(said).anyMatch(line -> line.startsWith("ERROR the journal's disk is full to "));
            await().untilAsserted(() ->
                    assertThat(said).anyMatch(line -> line.startsWith("INFO the journal's disk is full to ")));
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static SimulatorOptions options() {
        return SimulatorOptions.builder()
                .markets(SimulatorOptions.BINANCE_SPOT, SimulatorOptions.BINANCE_FUTURES)
                .rate(8_000)
                .instruments(8)
                .build();
    }

    private static List<WorkerStatus> workers(Rehearsed metdc) {
        return metdc.collector.status().markets().stream()
                .flatMap(market -> market.workers().stream())
                .toList();
    }

    private static void awaitStopped(Rehearsed metdc) {
        await().atMost(LONG).until(() -> isStopped(metdc));
    }

    private static boolean isStopped(Rehearsed metdc) {
        return workers(metdc).stream().allMatch(worker -> worker.state() == WorkerStatus.State.WAITING_FOR_ROOM);
    }

    private static void awaitDelivering(Rehearsed metdc) {
        await().atMost(LONG)
                .until(() ->
                        workers(metdc).stream().allMatch(worker -> worker.state() == WorkerStatus.State.DELIVERING));
    }

    /// Nothing is doubled, every row that was received has its end, and what is missing is in the ledger.
    private static void meets(Rehearsed metdc, Simulator simulator) throws Exception {
        simulator.stopTrading();
        await().during(Duration.ofMillis(500)).atMost(LONG).until(() -> {
            var now = metdc.collector.status();
            return now.intake().waiting() == 0 && metdc.writer().lag() == 0;
        });
        Instant all = Instant.now();
        await().atMost(LONG).until(() -> metdc.collector.isStored(all));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(metdc.number("SELECT sum(abs(unaccounted)) FROM market_count"))
                        .isZero());
        await().atMost(LONG) // what a refill brings is received, too
                .untilAsserted(() -> assertThat(metdc.number("SELECT sum(received) FROM market_count"))
                        .isEqualTo(metdc.collector.status().intake().received()));
        assertThat(metdc.number("SELECT count(*) - count(DISTINCT (instrument_id, id_number)) FROM trades"))
                .isZero();
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(metdc.number(UNNAMED)).isZero());
        assertThat(metdc.number("SELECT count(*) FROM holes")).isPositive();
        assertThat(metdc.number("SELECT count(*) FROM connections WHERE cause = 'no_room'"))
                .isEqualTo(workers(metdc).size());
        assertThat(workers(metdc)).allMatch(worker -> worker.connects() == 2);
    }

    /// Until nothing more finds room on its disk.
    private static void fill(Path ballast) throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream out = Files.newOutputStream(ballast, CREATE, APPEND)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
