package io.metdc.collector;

import static io.metdc.collector.Listed.AFTER;
import static io.metdc.collector.Listed.BEFORE;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `metdc listing record` while nothing runs.
@Timeout(120)
class HandRecordingTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);

    @TempDir
    private Path folder;

    private Listed.Output record(Instant at, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "listing",
                "record",
                "SKYN",
                "--at",
                at.toString(),
                "--config",
                folder.resolve("metdc.yaml").toString()));
        Stream.of(settings).forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return Listed.command(folder, arguments.toArray(String[]::new));
    }

    @Test
    void what_the_last_run_left_in_its_journal_is_in_the_archive_and_is_not_asked_for_once_more() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(SPOT, Listed.KRW)
                        .rate(300)
                        .instruments(6)
                        .listing("SKYN")
                        .restWeight(100_000)
                        .build());
                WebhookReceiver webhook = new WebhookReceiver()) {
            String[] settings = Listed.settings(webhook, "data_directory=" + folder.resolve("data"));
            Instant at;
            try (Rehearsed metdc = new Rehearsed(simulator, folder, settings)) {
                Listed.awaitTape(metdc, "SKYN", 1);
                EmbeddedPostgres.in(folder.resolve("data")).stop(Duration.ofSeconds(20));
                at = Instant.now().plus(BEFORE);
                Listed.awaitTime(at.plus(AFTER).plusSeconds(2));
            }
            Listed.awaitTime(at.plus(AFTER).plusSeconds(7)); // all windows are over

            Listed.Output output = record(at, settings);

            assertThat(output.exitCode()).as(output.toString()).isZero();
            assertThat(output.err())
                    .contains("left in its journal are stored now")
                    .doesNotContain("metdc run");
            Archived archive = Archived.of(folder.resolve("data"), "SKYN");
            assertThat(archive.raw(SPOT))
                    .hasSizeGreaterThan(10)
                    .containsExactlyInAnyOrderElementsOf(
                            archive.sent(simulator, SPOT, at.minus(BEFORE), at.plus(AFTER)));
            assertThat(archive.metadata().path("stage").asText()).isEqualTo("final");
            try (Stream<Path> requests = Files.list(folder.resolve("data/requests"))) {
                assertThat(requests).isEmpty();
            }
        }
    }
}
