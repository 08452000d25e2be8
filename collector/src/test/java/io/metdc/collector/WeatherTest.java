package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The program in bad weather: exchanges that cut, close, fall mute, refuse and ban. What it needs does not grow.
class WeatherTest {
    private static final List<Fault> WEATHER = List.of(
            Fault.CUT,
            Fault.CLOSE,
            Fault.HALF_OPEN,
            Fault.SHUTDOWN_NOTICE,
            Fault.MUTE_SYMBOL,
            Fault.MUTE,
            Fault.STOP_ACCEPTING,
            Fault.NO_ACKNOWLEDGEMENT,
            Fault.TRUNCATED_FRAME,
            Fault.HTML_FRAME,
            Fault.IMPLAUSIBLE_ROW,
            Fault.HANDSHAKE_429,
            Fault.REST_503);

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Pattern OF_THE_JVM = Pattern.compile("\"(Reference Handler|Finalizer|Signal Dispatcher"
            + "|Service Thread|Monitor Deflation Thread|C[12] CompilerThread\\d+|Common-Cleaner|Notification Thread"
            + "|Attach Listener|DestroyJavaVM)\"");
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    @TempDir
    private Path folder;

    /// What the program needed at a moment.
    ///
    /// @param heap after a collection, in bytes
    /// @param log  bytes written so far
    private record Figures(Duration at, long heap, long threads, long connections, long descriptors, long log) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%5d s  heap %5.1f MB  threads %3d  connections %3d  descriptors %3d  log %6.1f kB",
                    at.toSeconds(),
                    heap / 1e6,
                    threads,
                    connections,
                    descriptors,
                    log / 1e3);
        }
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void five_minutes_of_mixed_faults_leave_heap_threads_descriptors_and_log_flat() throws Exception {
        weather(Duration.ofMinutes(5));
    }

    @Test
    @Tag("long")
    @Timeout(5_400)
    void an_hour_of_mixed_faults_leaves_heap_threads_descriptors_and_log_flat() throws Exception {
        weather(Duration.ofHours(1));
    }

    private void weather(Duration length) throws Exception {
        List<Market> markets = SimulatorOptions.ALL_MARKETS;
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(300)
                .instruments(5)
                .build();
        Random random = new Random(7);
        try (Simulator simulator = Simulator.start(options)) {
            Files.writeString(folder.resolve("metdc.yaml"), simulator.configuration());
            ReadyCluster.in(folder.resolve("data"));
            try (Metdc metdc = Metdc.start(
                    folder.resolve("metdc.out"),
                    "run",
                    "--config",
                    folder.resolve("metdc.yaml").toString(),
                    "--set",
                    "data_directory=" + folder.resolve("data"),
                    "--set",
                    "logging.directory=" + folder.resolve("logs"),
                    "--set",
                    "recovery.backoff_first=200ms",
                    "--set",
                    "recovery.backoff_max=2s",
                    "--set",
                    "recovery.cooldown=5s",
                    "--set",
                    "recovery.hard_reset=30s",
                    "--set",
                    "http.port=0")) {
                await().atMost(LONG).until(() -> simulator.report().stream().allMatch(market -> market.rows() > 50));
                List<Figures> all = new ArrayList<>();
                long begun = System.nanoTime();
                long nextLook = begun;
                long nextFault = begun;
                while (System.nanoTime() - begun < length.toNanos()) {
                    assertThat(metdc.isAlive()).as(metdc::said).isTrue();
                    if (System.nanoTime() - nextFault > 0) {
                        nextFault = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                        Fault fault = WEATHER.get(random.nextInt(WEATHER.size()));
                        Market market = markets.get(random.nextInt(markets.size()));
                        WEATHER.forEach(last -> markets.forEach(where -> simulator.clear(last, where)));
                        simulator.inject(fault, market);
                    }
                    if (System.nanoTime() - nextLook > 0) {
                        nextLook = System.nanoTime() + LOOK.toNanos();
                        all.add(look(metdc, simulator, Duration.ofNanos(System.nanoTime() - begun)));
                    }
                    await().pollDelay(Duration.ofMillis(200)).until(() -> true);
                }
                all.forEach(System.out::println);
                assertFlat(all);
                WEATHER.forEach(last -> markets.forEach(where -> simulator.clear(last, where)));
                assertThat(metdc.terminate(Duration.ofSeconds(30)))
                        .as(metdc::said)
                        .isZero();
            } finally {
                EmbeddedPostgres.in(folder.resolve("data")).stop(Duration.ofSeconds(20));
            }
        }
    }

    /// The first third, in which the program warms up, against the last.
    private static void assertFlat(List<Figures> all) {
        List<Figures> before = all.subList(all.size() / 6, all.size() / 2);
        List<Figures> after = all.subList(all.size() - before.size(), all.size());
        assertThat(mean(after, Figures::heap)).as("heap").isLessThan(1.2 * mean(before, Figures::heap) + 3e6);
        assertThat(mean(after, Figures::threads)).as("threads").isLessThan(1.2 * mean(before, Figures::threads) + 5);
        assertThat(mean(after, Figures::descriptors))
                .as("descriptors")
                .isLessThan(1.2 * mean(before, Figures::descriptors) + 10);
        assertThat(all)
                .allSatisfy(one -> assertThat(one.threads())
                        .as("threads after %s", one.at())
                        .isLessThanOrEqualTo(2 * (one.connections() + 1) + 30));
        long written = after.getLast().log() - after.getFirst().log();
        long earlier = before.getLast().log() - before.getFirst().log();
        assertThat(written).as("log").isLessThan(3 * earlier + 100_000);
    }

    private static double mean(List<Figures> of, ToLongFunction<Figures> what) {
        return of.stream().mapToLong(what).average().orElseThrow();
    }

    private static long connections(Simulator simulator) {
        long connections = 0;
        for (Sent market : simulator.report()) {
            connections += market.connections().stream()
                    .filter(connection -> connection.closed() == null)
                    .count();
        }
        return connections;
    }

    /// A thread may outlive its connection by a moment.
    private Figures look(Metdc metdc, Simulator simulator, Duration at) throws Exception {
        long connections = connections(simulator);
        ask(metdc, "GC.run");
        Matcher used = USED.matcher(ask(metdc, "GC.heap_info"));
        long heap = 0;
        while (used.find()) {
            heap = Math.max(heap, 1024 * Long.parseLong(used.group(1)));
        }
        long threads = ask(metdc, "Thread.print")
                .lines()
                .filter(line -> line.startsWith("\"")
                        && line.contains(" #")
                        && !OF_THE_JVM.matcher(line).lookingAt())
                .count();
        connections = Math.max(connections, connections(simulator));
        return new Figures(
                at,
                heap,
                threads,
                Math.max(connections, SimulatorOptions.ALL_MARKETS.size()),
                count(Path.of("/proc/" + metdc.pid() + "/fd")),
                Files.size(folder.resolve("metdc.out")));
    }

    private static long count(Path of) throws IOException {
        if (!Files.exists(of)) {
            return 0;
        }
        try (Stream<Path> found = Files.list(of)) {
            return found.count();
        }
    }

    private static String ask(Metdc metdc, String what) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(metdc.pid()),
                        what)
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jcmd.waitFor()).as(said).isZero();
        return said;
    }
}
