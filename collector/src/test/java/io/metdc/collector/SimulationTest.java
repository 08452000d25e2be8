package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SimulationTest {
    @TempDir
    private Path folder;

    @Test
    void a_coin_is_announced_and_opened_in_its_time_and_what_was_planted_is_said_at_the_end() throws Exception {
        Path configuration = folder.resolve("c.yaml");
        String arguments = "simulate --rate 200 --json --listing SKYN --announce-after 500ms --open-after 1s"
                + " --config-out " + configuration;
        try (Metdc metdc = Metdc.start(folder.resolve("log"), arguments.split(" ", -1))) {
            await().atMost(Duration.ofSeconds(30)).until(() -> metdc.said().contains("KRW-SKYN is open"));
            assertThat(metdc.terminate(Duration.ofSeconds(20))).isZero();

            String said = metdc.said();
            JsonNode listing = new ObjectMapper()
                    .readTree(said.substring(said.indexOf("{\"instruments\"")))
                    .path("listing");
            Instant t0 = Instant.ofEpochMilli(listing.path("t0_ms").asLong());
            assertThat(listing.path("title").asText()).contains("(SKYN) 신규 거래지원 안내");
            assertThat(said).contains("SKYN is announced: " + t0);
            assertThat(Instant.ofEpochMilli(listing.path("opened_ms").asLong()))
                    .isBetween(t0.plusSeconds(1), t0.plusSeconds(10));
            assertThat(listing.path("planted"))
                    .hasSize(12)
                    .allSatisfy(planted ->
                            assertThat(planted.path("move_percent").asDouble()).isBetween(8.0, 25.0));
            assertThat(Files.readString(configuration)).contains("/api/v1/announcements\"");
        }
    }
}
