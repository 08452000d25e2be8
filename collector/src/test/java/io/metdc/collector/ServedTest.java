package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a running metdc tells of itself.
class ServedTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Pattern SERVED = Pattern.compile("status and metrics at (http://127\\.0\\.0\\.1:\\d+)");

    @TempDir
    private Path folder;

    @Test
    void it_is_ready_while_trades_come_and_names_each_connection_when_they_do_not() throws Exception {
        Path config = folder.resolve("metdc.yaml");
        Path data = folder.resolve("data");
        ReadyCluster.in(data);
        try (Simulator simulator = Simulator.start(
                SimulatorOptions.builder().rate(1_000).instruments(8).build())) {
            Files.writeString(
                    config,
                    simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: "
                            + folder.resolve("logs") + "}\nhttp: {port: 0}\n");
            try (Metdc metdc = Metdc.start(folder.resolve("out"), "run", "--config", config.toString());
                    HttpClient client = HttpClient.newHttpClient()) {
                URI at = URI.create(served(metdc));
                await().atMost(LONG).until(() -> get(client, at, "/ready").statusCode() == 200);
                JsonNode status = json(get(client, at, "/api/status"));
                assertThat(status.path("health").asDouble()).isEqualTo(1);
                assertThat(status.path("markets")).hasSize(2);
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(json(get(client, at, "/api/status"))
                                        .path("stages")
                                        .findValuesAsText("name"))
                                .contains(
                                        "journal",
                                        "writer",
                                        "main",
                                        "binance-spot-refill",
                                        "binance-spot-instruments"));
                await().atMost(LONG)
                        .until(() -> json(get(client, at, "/api/status"))
                                        .path("trades")
                                        .path("stored")
                                        .asLong()
                                > 0);
                assertThat(get(client, at, "/metrics").body())
                        .contains(
                                "metdc_ready 1.0",
                                "metdc_commit_seconds_bucket",
                                "metdc_exchange_to_receive_seconds_sum{");
                JsonNode health = json(get(client, at, "/health"));
                assertThat(health.path("pid").asLong()).isEqualTo(metdc.pid());
                await().atMost(LONG)
                        .until(() -> json(get(client, at, "/health"))
                                        .path("progress")
                                        .asLong()
                                > health.path("progress").asLong());
                assertThat(said(at, 0)).startsWith("EVERYTHING IS RECORDED, health 1.00");

                simulator.inject(Fault.HANDSHAKE_403); // and who is connected loses it
                simulator.inject(Fault.CUT);

                await().atMost(LONG).until(() -> get(client, at, "/ready").statusCode() == 503);
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(json(get(client, at, "/ready"))
                                        .path("missing")
                                        .findValuesAsText("name"))
                                .contains("binance-spot-1", "binance-futures-1"));
                assertThat(get(client, at, "/health").statusCode()).isEqualTo(200);
                assertThat(said(at, 1))
                        .startsWith("NOT EVERYTHING IS RECORDED, health 0.00")
                        .contains("binance-spot-1");

                assertThat(client.send(
                                        HttpRequest.newBuilder(at.resolve("/api/log-level"))
                                                .PUT(HttpRequest.BodyPublishers.ofString("debug"))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
                await().atMost(LONG).until(() -> metdc.said().contains("logging at level debug from now on"));
                assertThat(metdc.terminate(Duration.ofSeconds(10)))
                        .as(metdc::said)
                        .isZero();
            }
        }
    }

    private static String served(Metdc metdc) {
        await().atMost(LONG)
                .until(() -> !metdc.isAlive() || SERVED.matcher(metdc.said()).find());
        Matcher served = SERVED.matcher(metdc.said());
        assertThat(served.find()).as(metdc::said).isTrue();
        return served.group(1);
    }

    private static HttpResponse<String> get(HttpClient client, URI at, String path)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(at.resolve(path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    private String said(URI at, int exitCode) throws Exception {
        Path out = folder.resolve("status-" + exitCode + ".out");
        try (Metdc status = Metdc.start(out, "status", "--url", at.toString())) {
            assertThat(status.awaitExit(LONG)).as(status::said).isEqualTo(exitCode);
            return status.said();
        }
    }
}
