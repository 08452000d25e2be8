package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
    void what_came_and_went_and_who_broke_a_limit_is_said_at_the_end() throws Exception {
        Path configuration = folder.resolve("c.yaml");
        String arguments = "simulate --rate 200 --json --instruments 20 --instruments okx-spot:30 --change-after 1s"
                + " --add 24 --drop 12 --rename 3 --config-out " + configuration;
        try (Metdc metdc = Metdc.start(folder.resolve("log"), arguments.split(" ", -1));
                HttpClient client = HttpClient.newHttpClient()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> metdc.said().contains("24 instruments came, 12 went, 3 have a new name"));
            String upbit = Files.readString(configuration)
                    .replaceFirst("(?s).*upbit:.*?rest_url: \"([^\"]*)\".*", "$1/v1/market/all");
            for (int i = 0; i < 12; i++) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(upbit))
                        .header("Origin", "http://nobody")
                        .build();
                client.send(request, HttpResponse.BodyHandlers.discarding());
            }
            assertThat(metdc.terminate(Duration.ofSeconds(20))).isZero();

            String said = metdc.said();
            JsonNode report = new ObjectMapper().readTree(said.substring(said.indexOf("{\"instruments\"")));
            assertThat(report.at("/changes/listed")).hasSize(24);
            assertThat(report.at("/changes/delisted")).hasSize(12);
            assertThat(report.at("/changes/renamed")).hasSize(3);
            assertThat(report.path("instruments").valueStream())
                    .filteredOn(row -> row.path("exchange").asText().equals("okx")
                            && row.path("market").asText().equals("spot"))
                    .hasSizeGreaterThanOrEqualTo(32);
            assertThat(report.path("breaches")).isNotEmpty().allSatisfy(breach -> {
                assertThat(breach.path("exchange").asText()).isEqualTo("upbit");
                assertThat(breach.path("limit").asText()).isEqualTo("origin");
                assertThat(breach.path("allowed").asInt()).isEqualTo(1);
            });
            assertThat(report.path("interruptions")).isEmpty();
            assertThat(report.path("connections").isArray()).isTrue();
        }
    }

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
