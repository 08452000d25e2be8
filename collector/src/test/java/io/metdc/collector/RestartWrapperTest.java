package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `scripts/restart-wrapper.sh` as it is, beside a program that ends, hangs and answers `/health` as a test wants.
class RestartWrapperTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /// Does what the first line of its plan says, and takes that line out; with an empty plan it runs. One start is one
    /// line in `started`: process and arguments.
    private static final String PROGRAM = """
            #!/usr/bin/env bash
            home=$(cd "$(dirname "$0")/.." && pwd)
            if [ "$1" = --version ]; then
                [ -e "$home/building" ] && sleep 60
                exit 0
            fi
            IFS= read -r does <"$home/plan" || does='run'
            sed -i 1d "$home/plan"
            [ "$does" = unserved ] && echo none >"$METDC_ADDRESS_FILE" || cat "$home/address" >"$METDC_ADDRESS_FILE"
            [ "$does" = deaf ] && trap '' TERM || trap 'echo "$$" >>"$home/ended"; exit 0' TERM
            echo "$$ $*" >>"$home/started"
            case $does in exit*) exit "${does#exit }" ;; esac
            while true; do sleep 0.05; done
            """;

    @TempDir
    private Path home;

    private HttpServer health;
    private final AtomicLong progress = new AtomicLong();
    private volatile boolean moves = true;
    private volatile boolean inWindow;
    private volatile long answersAs; // a process other than the one that was started last, 0 for that one
    private Process wrapper;

    @BeforeEach
    void prepare() throws IOException {
        Path scripts = Files.createDirectories(home.resolve("scripts"));
        Path real = Path.of(System.getProperty("metdc.home", "..")).resolve("scripts/restart-wrapper.sh");
        Files.copy(real, scripts.resolve("restart-wrapper.sh"));
        Files.writeString(scripts.resolve("metdc"), PROGRAM);
        Files.setPosixFilePermissions(scripts.resolve("metdc"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(home.resolve("started"));
        Files.createFile(home.resolve("ended"));
        health = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        health.createContext("/health", exchange -> {
            List<Long> started = started();
            long pid = answersAs != 0 || started.isEmpty() ? answersAs : started.getLast();
            byte[] body = ("{\"status\":\"ok\",\"pid\":" + pid + ",\"progress\":"
                            + (moves ? progress.incrementAndGet() : progress.get()) + ",\"listing_window\":" + inWindow
                            + "}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        health.start();
        Files.writeString(
                home.resolve("address"), "127.0.0.1:" + health.getAddress().getPort() + "\n");
    }

    @AfterEach
    void end() throws Exception {
        health.stop(0);
        if (wrapper != null) {
            wrapper.destroyForcibly().waitFor();
        }
        for (long pid : started()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void a_program_that_is_killed_is_there_again_at_once_with_the_same_arguments() throws Exception {
        plan();
        start("--set", "http.port=0");
        awaitStarts(1);

        ProcessHandle.of(started().getFirst()).orElseThrow().destroyForcibly();

        await().atMost(Duration.ofSeconds(3)).until(() -> started().size() == 2);
        assertThat(Files.readAllLines(home.resolve("started")))
                .allMatch(line -> line.endsWith(" run --set http.port=0"));
    }

    @Test
    void exit_code_75_is_a_request_to_be_started_again() throws Exception {
        plan("exit 75", "run");
        start();
        awaitStarts(2);
    }

    @Test
    void a_program_that_ends_in_order_or_is_configured_wrongly_is_not_started_again() throws Exception {
        for (int code : List.of(0, 2)) {
            plan("exit " + code);
            start();
            assertThat(exit()).isEqualTo(code);
        }
        assertThat(started()).hasSize(2);
    }

    @Test
    void one_that_keeps_dying_young_is_started_after_longer_and_longer_pauses() throws Exception {
        plan("exit 1", "exit 1", "exit 1", "exit 1", "exit 1", "run");
        long began = System.nanoTime();
        start("--longest", "2");
        awaitStarts(6);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(7)); // 0, 1, 2, 2, 2
        assertThat(said()).contains("in 0 s", "in 1 s", "in 2 s").doesNotContain("in 4 s");
    }

    @Test
    void one_without_progress_is_ended_and_replaced_and_one_with_progress_is_not() throws Exception {
        plan();
        start("--hang", "2", "--grace", "5");
        awaitStarts(1);
        await().atMost(SOON).until(() -> progress.get() > 6);
        assertThat(started()).hasSize(1);

        moves = false;
        awaitStarts(2);

        assertThat(ended()).containsExactly(started().getFirst());
        assertThat(said()).contains("makes no progress for 2 s");
    }

    @Test
    void one_that_hangs_and_does_not_hear_sigterm_is_killed() throws Exception {
        plan("deaf", "run");
        moves = false;
        start("--hang", "1", "--grace", "1");
        awaitStarts(2);

        assertThat(said()).contains("does not end within 1 s: killing it");
        assertThat(ProcessHandle.of(started().getFirst()).filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void another_program_that_answers_in_its_place_does_not_hide_a_hang() throws Exception {
        plan();
        answersAs = ProcessHandle.current().pid();
        start("--hang", "1", "--grace", "5");

        awaitStarts(2);
    }

    @Test
    void one_that_says_that_it_could_not_open_its_port_is_let_alone() throws Exception {
        plan("unserved");
        start("--hang", "1");
        await().atMost(SOON).until(() -> said().contains("could not open its port"));

        await().during(Duration.ofSeconds(3)).atMost(SOON).until(() -> started().size() == 1);
    }

    @Test
    void sigterm_to_the_wrapper_ends_the_program_in_order_and_waits_for_it() throws Exception {
        plan();
        start();
        awaitStarts(1);

        wrapper.destroy();

        assertThat(exit()).isZero();
        assertThat(ended()).hasSize(1).isEqualTo(started());
    }

    @Test
    void sigterm_ends_the_wrapper_also_while_it_builds_or_waits_for_the_next_start() throws Exception {
        plan("exit 1", "exit 1", "exit 1", "exit 1", "exit 1");
        start();
        await().atMost(SOON).until(() -> said().contains("in 4 s"));
        wrapper.destroy();
        assertThat(wrapper.waitFor(2, TimeUnit.SECONDS)).isTrue();
        assertThat(wrapper.exitValue()).isZero();

        Files.createFile(home.resolve("building"));
        start();
        Thread.onSpinWait();
        await().atMost(SOON).until(() -> wrapper.descendants().count() > 0);
        wrapper.destroy();
        assertThat(exit()).isZero();
    }

    @Test
    void the_whole_program_is_replaced_in_order_every_so_often_but_not_in_a_window_of_a_listing() throws Exception {
        String script = Files.readString(home.resolve("scripts/restart-wrapper.sh"));
        assertThat(script).contains("reset_minutes * 60");
        Files.writeString(
                home.resolve("scripts/restart-wrapper.sh"),
                script.replace("reset_minutes * 60", "reset_minutes * 2"),
                StandardOpenOption.TRUNCATE_EXISTING); // a minute of two seconds
        plan();
        inWindow = true;
        start("--reset-every", "1");
        awaitStarts(1);
        await().atMost(SOON).until(() -> progress.get() > 8);
        assertThat(started()).hasSize(1);

        inWindow = false;
        awaitStarts(2);

        assertThat(ended()).containsExactly(started().getFirst());
    }

    private void plan(String... lines) throws IOException {
        Files.write(home.resolve("plan"), List.of(lines));
    }

    private void start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("bash", home.resolve("scripts/restart-wrapper.sh").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TMPDIR", home.toString());
        wrapper = builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("said").toFile()))
                .start();
    }

    private int exit() throws InterruptedException {
        assertThat(wrapper.waitFor(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        return wrapper.exitValue();
    }

    private void awaitStarts(int count) {
        await().atMost(SOON).until(() -> started().size() >= count);
    }

    private List<Long> started() {
        return pids("started");
    }

    private List<Long> ended() {
        return pids("ended");
    }

    private List<Long> pids(String file) {
        try {
            return Files.readAllLines(home.resolve(file)).stream()
                    .map(line -> Long.parseLong(line.replaceFirst(" .*", "")))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private String said() {
        try {
            return Files.readString(home.resolve("said"));
        } catch (IOException e) {
            return "";
        }
    }
}
