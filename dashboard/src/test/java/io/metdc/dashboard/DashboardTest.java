package io.metdc.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DashboardTest {
    private final Shown shown = new Shown();
    private final Level level = new Level();
    private Dashboard dashboard;

    private static final class Level implements LogLevel {
        volatile String now = "info";

        @Override
        public String current() {
            return now;
        }

        @Override
        public boolean change(String level) {
            boolean known = List.of("error", "warn", "info", "debug", "trace").contains(level);
            now = known ? level : now;
            return known;
        }
    }

    /// Status line, headers and body.
    private record Answer(int code, String head, String body) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(body);
        }
    }

    @AfterEach
    void close() {
        if (dashboard != null) {
            dashboard.close();
        }
    }

    @Test
    void health_says_whether_the_process_moves_and_ready_whether_everything_is_recorded() throws Exception {
        open(null);
        assertThat(get("/health").code()).isEqualTo(200);
        assertThat(get("/ready").code()).isEqualTo(200);

        shown.missing.add(new Remark("acme-spot-2", "backing off"));

        assertThat(get("/health").code()).isEqualTo(200);
        Answer ready = get("/ready");
        assertThat(ready.code()).isEqualTo(503);
        assertThat(ready.json().path("missing").path(0).path("name").asText()).isEqualTo("acme-spot-2");
        assertThat(ready.json().path("missing").path(0).path("why").asText()).isEqualTo("backing off");

        shown.stuck.add(new Remark("journal", "no progress for 60 s"));

        Answer health = get("/health");
        assertThat(health.code()).isEqualTo(503);
        assertThat(health.json().path("status").asText()).isEqualTo("stuck");
        assertThat(health.json().path("stuck").path(0).path("name").asText()).isEqualTo("journal");
    }

    @Test
    void while_it_starts_it_is_healthy_and_not_ready() throws Exception {
        shown.phase = Pulse.Phase.STARTING;
        open(null);

        assertThat(get("/health").code()).isEqualTo(200);
        assertThat(get("/ready").code()).isEqualTo(503);
        assertThat(get("/api/status").json().path("phase").asText()).isEqualTo("starting");
        assertThat(get("/api/status").json().has("trades")).isFalse();
        assertThat(get("/metrics").body()).contains("metdc_ready 0.0").doesNotContain("metdc_trades");
    }

    @Test
    void what_restarts_the_process_finds_pid_progress_and_window_by_plain_text() throws Exception {
        shown.listingWindow = true;
        open(null);

        assertThat(get("/health").body())
                .contains("\"pid\":" + ProcessHandle.current().pid() + ",")
                .contains("\"progress\":7,")
                .contains("\"listing_window\":true")
                .hasLineCount(1);
    }

    @Test
    void the_metrics_are_the_sums_of_the_status() throws Exception {
        open(null);

        Answer metrics = get("/metrics");

        assertThat(metrics.head()).contains("text/plain; version=0.0.4");
        assertThat(metrics.body().lines())
                .contains(
                        "metdc_trades_received_total 1000.0",
                        "metdc_trades_stored_total 900.0",
                        "metdc_trades_duplicate_total 60.0",
                        "metdc_trades_rejected_total 40.0",
                        "metdc_ids_consumed_total 5.0",
                        "metdc_holes_open 2.0",
                        "metdc_journal_lag_bytes 4096.0",
                        "metdc_journal_lag_seconds 1.5",
                        "metdc_database_writing 0.0",
                        "metdc_workers{exchange=\"acme\",market=\"spot\",state=\"backing_off\"} 1.0",
                        "metdc_workers{exchange=\"acme\",market=\"spot\",state=\"delivering\"} 1.0",
                        "metdc_instruments_delivering{exchange=\"acme\",market=\"spot\"} 80.0",
                        "metdc_instruments_quiet{exchange=\"acme\",market=\"spot\"} 10.0",
                        "metdc_exchange_clock_ahead_seconds{exchange=\"acme\",market=\"spot\"} -0.25",
                        "metdc_resets_total{exchange=\"acme\",market=\"spot\"} 4.0",
                        "metdc_exchange_to_receive_seconds_bucket{exchange=\"acme\",market=\"spot\",le=\"0.1\"} 5",
                        "metdc_exchange_to_receive_seconds_count{exchange=\"acme\",market=\"spot\"} 6",
                        "metdc_commit_seconds_count 5")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"))
                .anyMatch(line -> line.startsWith("jvm_threads_live_threads"));
    }

    @Test
    void the_status_is_json_and_its_health_is_never_rounded_up() throws Exception {
        open(null);

        JsonNode status = get("/api/status").json();

        assertThat(status.path("health").asDouble()).isEqualTo(0.89);
        assertThat(status.path("markets")
                        .path(0)
                        .path("workers")
                        .path(1)
                        .path("failure")
                        .asText())
                .isEqualTo("closed \"by\" the other side");
        assertThat(status.path("journal").path("behind_ms").asLong()).isEqualTo(1_500);
        assertThat(status.path("listings").path(0).path("window").asText()).isEqualTo("near");
        assertThat(status.path("markets").path(0).path("receipt_p50_ms").asLong())
                .isEqualTo(10);
    }

    @Test
    void a_page_that_points_its_name_at_this_machine_learns_nothing() throws Exception {
        open(null);

        for (String host :
                List.of("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "localhost, evil")) {
            for (String path : List.of("/", "/health", "/ready", "/metrics", "/api/status", "/api/log-level")) {
                assertThat(ask("GET", path, "Host: " + host, "").code())
                        .as(host)
                        .isEqualTo(421);
            }
        }
        for (String host : List.of("localhost", "LOCALHOST:9090", "127.0.0.1:1", "[::1]:8080")) {
            assertThat(ask("GET", "/ready", "Host: " + host, "").code())
                    .as(host)
                    .isEqualTo(200);
        }
    }

    @Test
    void with_a_token_nobody_learns_anything_without_it_but_this_machine_its_health() throws Exception {
        open("s3cret");

        assertThat(get("/health").code()).isEqualTo(200);
        for (String path : List.of("/", "/ready", "/metrics", "/api/status", "/api/log-level", "/nothing")) {
            assertThat(get(path).code()).as(path).isEqualTo(401);
        }
        assertThat(ask("GET", "/ready", "Host: localhost\r\nAuthorization: Bearer wrong", "")
                        .code())
                .isEqualTo(401);
        assertThat(ask("GET", "/ready", "Host: any.example\r\nAuthorization: Bearer s3cret", "")
                        .code())
                .isEqualTo(200);
        assertThat(ask("GET", "/health", "Host: any.example", "").code()).isEqualTo(421);
        assertThat(ask("PUT", "/api/log-level", "Host: localhost", "debug").code())
                .isEqualTo(401);
        assertThat(level.now).isEqualTo("info");
    }

    @Test
    void beyond_loopback_it_does_not_listen_without_a_token() {
        for (String host : List.of("0.0.0.0", "::", "192.0.2.1", "metdc.example", "127.0.0.1.example")) {
            assertThatThrownBy(() -> new HttpAddress(host, 0, null)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new HttpAddress("0.0.0.0", 8080, "s3cret")).hasToString("0.0.0.0:8080");
    }

    @Test
    void the_log_level_is_changed_by_put_and_only_to_one_that_exists() throws Exception {
        open(null);

        assertThat(ask("PUT", "/api/log-level", "Host: localhost", "debug").code())
                .isEqualTo(200);
        assertThat(get("/api/log-level").json().path("level").asText()).isEqualTo("debug");
        assertThat(ask("PUT", "/api/log-level", "Host: localhost", "{\"level\": \"warn\"}")
                        .code())
                .isEqualTo(200);
        assertThat(level.now).isEqualTo("warn");
        assertThat(ask("PUT", "/api/log-level", "Host: localhost", "loud").code())
                .isEqualTo(400);
        assertThat(ask("POST", "/api/log-level", "Host: localhost", "trace").code())
                .isEqualTo(405);
        assertThat(ask("OPTIONS", "/api/log-level", "Host: localhost\r\nOrigin: http://evil.example", "")
                        .head())
                .doesNotContain("Access-Control");
        assertThat(level.now).isEqualTo("warn");
    }

    @Test
    void a_port_that_is_taken_stops_nothing_and_is_opened_when_it_is_free() throws Exception {
        List<Optional<InetSocketAddress>> heard = new ArrayList<>();
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dashboard = Dashboard.open(
                    new HttpAddress("127.0.0.1", other.getLocalPort(), null),
                    shown,
                    level,
                    heard::add,
                    Duration.ofMillis(50));

            assertThat(heard).containsExactly(Optional.empty());
            assertThat(dashboard.address()).isEmpty();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> dashboard.address().isPresent());

        assertThat(get("/health").code()).isEqualTo(200);
        assertThat(heard).hasSize(2).last().isEqualTo(dashboard.address());
    }

    @Test
    void one_that_connects_and_says_nothing_holds_up_nobody() throws Exception {
        open(null);
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
                socket.getOutputStream().write("GET /health HT".getBytes(StandardCharsets.US_ASCII));
                silent.add(socket);
            }

            assertThat(get("/health").code()).isEqualTo(200);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private void open(String token) {
        dashboard = Dashboard.open(new HttpAddress("127.0.0.1", 0, token), shown, level, _ -> {});
    }

    private int port() {
        return dashboard.address().orElseThrow().getPort();
    }

    private Answer get(String path) throws IOException {
        return ask("GET", path, "Host: localhost:" + port(), "");
    }

    private Answer ask(String method, String path, String headers, String body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.0\r\n" + headers + "\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String[] parts = answer.split("\r\n\r\n", 2);
            return new Answer(Integer.parseInt(answer.split(" ", 3)[1]), parts[0], parts.length < 2 ? "" : parts[1]);
        }
    }
}
