package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs of [FaultKit] with a fixed seed; longer ones by `scripts/fault-kit`.
class FaultKitTest {
    private static final Duration SHORT = Duration.ofMinutes(2);
    private static final int SLOW = 1_500;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int FAST = 10_000;
    private static final Duration EVERY = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    @Test
    void two_minutes_of_faults_lose_nothing_that_can_be_had_again_and_the_ledger_names_the_rest() throws Exception {
        assertAllIsWell(
                FaultOptions.in(folder).withDuration(SHORT).withRate(SLOW).withInstruments(12));
    }

    @Test
    @Tag("long")
    void ten_minutes_of_faults_at_ten_thousand_trades_a_second_lose_nothing_that_can_be_had_again() throws Exception {
        assertAllIsWell(FaultOptions.in(folder).withDuration(LONG).withRate(FAST));
    }

    /// On TimescaleDB, where chunks are compressed while they are written, if a server is named.
    @Test
    @Tag("long")
    void the_same_holds_on_another_server() throws Exception {
        String url = System.getenv("METDC_TEST_DATABASE_URL");
        Assumptions.assumeTrue(url != null, "METDC_TEST_DATABASE_URL is not set");
        assertAllIsWell(
                FaultOptions.in(folder).withDuration(LONG).withRate(FAST).withDatabase(url));
    }

    private static void assertAllIsWell(FaultOptions options) throws Exception {
        Verdict verdict = FaultKit.run(options.withEvery(EVERY).withSeed(7), System.out);
        assertThat(verdict.failures()).as(String.join("\n", verdict.details())).isEmpty();
    }
}
