package io.metdc.collector.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.collector.config.LoggingSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    @TempDir
    Path folder;

    private final PrintStream stderr = System.err;
    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void restore() {
        System.setErr(stderr);
        System.setOut(stdout);
        Logging.quietly();
    }

    private void capture() {
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private LoggingSettings settings(LoggingSettings.Level level) {
        return new LoggingSettings(level, folder.resolve("logs"), Duration.ofDays(30), 1_000_000_000);
    }

    @Test
    void a_line_of_the_file_has_time_and_zone_level_worker_and_message() throws Exception {
        capture();
        try (Logging _ = Logging.asService(settings(LoggingSettings.Level.INFO))) {
            Thread worker = Thread.ofVirtual().name("acme-spot-3").start(() -> {
                Logger log = LoggerFactory.getLogger("io.metdc.Session");
                log.warn("connection lost, trying again in {} s", 2, new IOException("reset"));
                log.debug("not to be seen");
            });
            worker.join();
        }
        List<String> lines = Files.readAllLines(folder.resolve("logs/metdc.log"));
        assertThat(lines.getFirst())
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) WARN  \\[acme-spot-3\\]"
                                + " Session: connection lost, trying again in 2 s");
        assertThat(lines.get(1)).isEqualTo("java.io.IOException: reset");
        assertThat(String.join("\n", lines)).doesNotContain("not to be seen");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .matches("\\d\\d:\\d\\d:\\d\\d WARN  \\[acme-spot-3\\] connection lost, trying again in 2 s\n");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void what_comes_from_outside_never_begins_a_line() throws Exception {
        capture();
        try (Logging _ = Logging.asService(settings(LoggingSettings.Level.INFO))) {
            LoggerFactory.getLogger("x").warn("refused: {}", "a\r\n2026-01-01 ERROR \u001b[31mforged");
        }
        assertThat(Files.readAllLines(folder.resolve("logs/metdc.log")))
                .singleElement()
                .asString()
                .endsWith("refused: a 2026-01-01 ERROR  [31mforged");
    }

    @Test
    void libraries_are_quiet_unless_they_have_a_warning() throws Exception {
        capture();
        try (Logging _ = Logging.asService(settings(LoggingSettings.Level.DEBUG))) {
            for (String name : List.of("org.java_websocket.x", "com.zaxxer.hikari.HikariConfig", "org.flywaydb.core")) {
                LoggerFactory.getLogger(name).info("chatter");
                LoggerFactory.getLogger(name).warn("a warning");
            }
            LoggerFactory.getLogger("io.metdc.x").debug("detail");
        }
        assertThat(Files.readString(folder.resolve("logs/metdc.log")))
                .doesNotContain("chatter")
                .contains("a warning")
                .contains("detail");
    }

    @Test
    void a_command_that_answers_a_question_logs_warnings_only_and_on_stderr() {
        capture();
        try (Logging _ = Logging.quietly()) {
            LoggerFactory.getLogger("x").info("chatter");
            LoggerFactory.getLogger("x").error("trouble");
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("trouble").doesNotContain("chatter");
    }

    @Test
    void a_folder_that_cannot_be_written_is_said_in_a_line() throws Exception {
        Files.writeString(folder.resolve("logs"), "a file");
        assertThatThrownBy(() -> Logging.asService(settings(LoggingSettings.Level.INFO)))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "cannot write the log file " + folder.resolve("logs/metdc.log")
                                + " (FileAlreadyExistsException): make the folder writable, or set logging.directory to another one");
    }

    @Test
    void a_storm_of_one_event_is_one_line_a_minute_with_its_count() {
        AtomicLong nanos = new AtomicLong();
        LoggerContext context = new LoggerContext();
        ListAppender<ILoggingEvent> lines = lines(context, nanos::get);
        ch.qos.logback.classic.Logger log = context.getLogger("x");

        for (int i = 0; i < 5_000; i++) {
            log.warn("full: {}", "a");
            nanos.addAndGet(Duration.ofMillis(10).toNanos()); // 50 s in all
        }
        log.warn("full: {}", "b");
        log.debug("detail");
        log.debug("detail");
        assertThat(messages(lines)).containsExactly("full: a", "full: b", "detail", "detail");

        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        log.warn("full: {}", "a");
        assertThat(messages(lines)).containsExactly("full: a [4999 more in 60 s]", "full: a");

        log.warn("full: {}", "a");
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        context.getTurboFilterList().getFirst().stop();
        assertThat(messages(lines)).containsExactly("full: a [1 more in 3 s]");
        context.stop();
    }

    @Test
    void very_many_different_events_take_little_memory_and_pass() {
        LoggerContext context = new LoggerContext();
        ListAppender<ILoggingEvent> lines = lines(context, () -> 0);
        for (int i = 0; i < 5_000; i++) {
            context.getLogger("x").warn("event " + i);
        }
        assertThat(messages(lines)).hasSize(5_000);
        assertThat(context.getTurboFilterList().getFirst()).hasToString("StormFilter[1000, 1000]");
        context.stop();
    }

    @Test
    void a_storm_of_one_kind_that_differs_in_its_numbers_becomes_one_line_a_minute_until_it_is_over() {
        AtomicLong nanos = new AtomicLong();
        LoggerContext context = new LoggerContext();
        ListAppender<ILoggingEvent> lines = lines(context, nanos::get);
        ch.qos.logback.classic.Logger log = context.getLogger("x");
        for (int second = 0; second < 59; second++) {
            for (int i = 0; i < 100; i++) {
                log.info("left {} ms", second * 100 + i);
            }
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(messages(lines)).hasSize(60).contains("left 0 ms", "left 59 ms");

        log.warn("another kind {}", 1);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        log.info("left {} ms", 7_000);
        assertThat(messages(lines)).containsExactly("another kind 1", "left 5899 ms [5840 more of this kind in 60 s]");

        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        log.info("left {} ms", 8_000);
        assertThat(messages(lines)).containsExactly("left 7000 ms [1 more of this kind in 60 s]", "left 8000 ms");
        context.stop();
    }

    @Test
    void a_debug_line_thousands_of_times_a_second_does_not_fill_the_log() {
        AtomicLong nanos = new AtomicLong();
        LoggerContext context = new LoggerContext();
        ListAppender<ILoggingEvent> lines = lines(context, nanos::get);
        for (int i = 0; i < 300_000; i++) { // 5,000 a second for a minute
            context.getLogger("x").debug("cooling down for {} ms more", 180_000 - i);
            nanos.addAndGet(Duration.ofNanos(200_000).toNanos());
        }
        assertThat(messages(lines)).hasSizeLessThan(700);
        context.stop();
    }

    @Test
    void all_files_together_stay_under_their_size_within_a_day_too() throws Exception {
        capture();
        long max = 1_000_000;
        LoggingSettings small =
                new LoggingSettings(LoggingSettings.Level.TRACE, folder.resolve("logs"), Duration.ofDays(30), max);
        try (Logging _ = Logging.asService(small)) {
            Logger log = LoggerFactory.getLogger("x");
            Random random = new Random(7);
            for (int i = 0; i < 100_000; i++) { // ten times as much, and nothing that could be compressed away
                log.trace("{}{}", Long.toHexString(random.nextLong()), Long.toHexString(random.nextLong()));
            }
        }
        try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
            List<Path> all = files.toList();
            long bytes = 0;
            for (Path file : all) {
                bytes += Files.size(file);
            }
            assertThat(bytes).as("%s", all).isLessThanOrEqualTo(max + max / 4);
            assertThat(all).hasSizeGreaterThan(1);
        }
    }

    @Test
    void how_much_is_logged_changes_while_it_is() throws Exception {
        capture();
        try (Logging _ = Logging.asService(settings(LoggingSettings.Level.INFO))) {
            Logger log = LoggerFactory.getLogger("io.metdc.x");
            log.debug("before");
            Logging.setLevel(LoggingSettings.Level.DEBUG);
            assertThat(Logging.level()).isEqualTo(LoggingSettings.Level.DEBUG);
            log.debug("while");
            LoggerFactory.getLogger("com.zaxxer.x").debug("chatter");
            Logging.setLevel(LoggingSettings.Level.ERROR);
            log.warn("after");
        }
        assertThat(Files.readString(folder.resolve("logs/metdc.log")))
                .contains("while")
                .doesNotContain("before", "after", "chatter");
    }

    private static ListAppender<ILoggingEvent> lines(LoggerContext context, LongSupplier nanoTime) {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.setContext(context);
        lines.start();
        context.getLogger("x").setLevel(Level.DEBUG);
        context.getLogger("x").addAppender(lines);
        StormFilter storms = new StormFilter(nanoTime);
        storms.setContext(context);
        storms.start();
        context.addTurboFilter(storms);
        return lines;
    }

    private static List<String> messages(ListAppender<ILoggingEvent> lines) {
        List<String> messages =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        lines.list.clear();
        return messages;
    }
}
