package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.CLOCK;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.ids;
import static io.metdc.storage.journal.Samples.open;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcknowledgedTest {
    @TempDir
    Path directory;

    @Test
    void it_says_what_is_written_out_and_nothing_more() throws Exception {
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 1));
            journal.append(trade(BTC, 2));
            assertThat(Acknowledged.read(directory).trades()).isZero();
            journal.writeOutIfDue(System.nanoTime());

            assertThat(Acknowledged.read(directory.resolve("acknowledged")))
                    .isEqualTo(new Acknowledged(journal.id(), journal.written(), 2, CLOCK.instant()));
        }
    }

    @Test
    void it_goes_on_after_a_restart() throws Exception {
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 1));
        }
        try (Journal journal = open(directory)) {
            assertThat(Acknowledged.read(directory).trades()).isEqualTo(1);
            journal.append(trade(BTC, 2));
            journal.force();
            assertThat(Acknowledged.read(directory).trades()).isEqualTo(2);
        }
        assertThat(Acknowledged.read(directory).trades()).isEqualTo(2);
    }

    @Test
    void a_half_written_slot_is_not_believed() throws Exception {
        try (Journal journal = open(directory)) {
            for (int id = 1; id <= 2; id++) {
                journal.append(trade(BTC, id));
                journal.force();
            }
        }
        Path file = directory.resolve(Acknowledged.FILE);
        byte[] whole = Files.readAllBytes(file);
        assertThat(Acknowledged.read(file).trades()).isEqualTo(2);
        int newest = slotOf(whole);
        for (int broken = 0; broken < 40; broken++) {
            byte[] half = whole.clone();
            half[newest + broken] ^= 1;
            Files.write(file, half);
            assertThat(Acknowledged.read(file).trades()).isBetween(1L, 2L);
            assertThat(Acknowledged.read(file).position())
                    .isLessThan(new BigInteger(1, Arrays.copyOfRange(whole, newest + 8, newest + 16)).longValueExact());
        }
    }

    private static int slotOf(byte[] file) {
        return file[64 + 7] > file[128 + 7] ? 64 : 128;
    }

    @Test
    void something_else_is_not_taken_for_it() throws Exception {
        Path file = Files.write(directory.resolve("acknowledged"), new byte[4096]);

        assertThatThrownBy(() -> Acknowledged.read(file)).hasMessageContaining(file.toString());
        assertThatThrownBy(() -> Acknowledged.read(directory.resolve("none"))).isInstanceOf(IOException.class);
    }

    /// What the killed process runs: appends trades 1, 2, 3, … until it is killed.
    static final class Appender {
        private Appender() {}

        public static void main(String[] arguments) throws IOException {
            Journal journal = Journal.open(Path.of(arguments[0]), Samples.SETTINGS, Instant::now, JournalState.NONE);
            for (long id = journal.trades() + 1; ; id++) {
                if (!journal.append(trade(BTC, id))) {
                    throw new IllegalStateException(journal.refusal());
                }
                if (id % 7 == 0) {
                    journal.writeOutIfDue(System.nanoTime());
                }
            }
        }
    }

    @Test
    void a_killed_process_loses_nothing_that_it_acknowledged() throws Exception {
        Random random = new Random(20_261_121);
        for (int kill = 0; kill < 4; kill++) {
            long before = kill == 0 ? 0 : Acknowledged.read(directory).trades();
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Appender.class.getName(),
                            directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output.txt").toFile())
                    .start();
            try {
                long some = before + random.nextInt(20_000);
                await().atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> !process.isAlive() || trades() > some);
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertThat(process.exitValue())
                    .as(Files.readString(directory.resolve("output.txt")))
                    .isEqualTo(137);
            long acknowledged = Acknowledged.read(directory).trades();
            assertThat(acknowledged).isGreaterThan(before);
            try (Journal journal = open(directory)) {
                List<Long> found = ids(drain(journal));
                assertThat(found).hasSizeGreaterThanOrEqualTo((int) acknowledged);
                assertThat(found)
                        .isEqualTo(
                                LongStream.rangeClosed(1, found.size()).boxed().toList());
            }
        }
    }

    private long trades() {
        try {
            return Acknowledged.read(directory).trades();
        } catch (IOException e) {
            return -1;
        }
    }
}
