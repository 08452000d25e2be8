package io.metdc.collector.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.util.FileSize;
import io.metdc.collector.config.LoggingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;

/// The two ways in which metdc logs: quietly, as all commands do that answer a question, and as a service.
///
/// A service's lines have the time with its zone, the level, the thread, which is the worker's name, and
/// where they come from:
///
/// ```
/// 2026-11-20T14:03:07.412+01:00 WARN  [acme-spot-3] Session: connection lost, trying again in 2 s
/// ```
public final class Logging implements AutoCloseable {
    static final String FILE = "metdc.log";
    static final String OLD_FILES = "metdc.%d{yyyy-MM-dd}.%i.log.gz";

    /// No line break of a message, which may come from outside, begins a line of the log.
    private static final String MESSAGE = "%replace(%msg){'[\\p{Cntrl}\\x80-\\x9f]+', ' '}";

    private static final String IN_FILE =
            "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level [%thread] %logger{0}: " + MESSAGE + "%n%ex";
    private static final String ON_CONSOLE = "%d{HH:mm:ss} %-5level [%thread] " + MESSAGE + "%n%nopex";
    private static final String ON_CONSOLE_IN_FULL =
            "%d{HH:mm:ss.SSS} %-5level [%thread] %logger: " + MESSAGE + "%n%ex";

    /// What is being written has one part of what all files together may have, the older ones the others.
    private static final int PARTS = 4;

    /// They say at INFO what is of interest to themselves only.
    private static final List<String> QUIET =
            List.of("org.java_websocket", "com.zaxxer", "org.flywaydb", "org.postgresql");

    private final LoggerContext context;

    private Logging(LoggerContext context) {
        this.context = context;
    }

    /// Warnings and errors only, on stderr.
    public static Logging quietly() {
        LoggerContext context = context();
        quietly(context);
        return new Logging(context);
    }

    /// Errors only of what a command tells in its own words.
    public static void silence(Class<?> speaker) {
        context().getLogger(speaker).setLevel(Level.ERROR);
    }

    static void quietly(LoggerContext context) {
        context.reset();
        context.setName("metdc");
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console(context, ON_CONSOLE));
    }

    /// As a service: on stderr, and in a file a day.
    ///
    /// @throws IOException when the folder of the files cannot be written; the message says all
    public static Logging asService(LoggingSettings settings) throws IOException {
        Path folder = settings.directory();
        writable(folder);
        LoggerContext context = context();
        context.reset();
        context.setName("metdc");
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        setLevel(settings.level());
        Level level = root.getLevel();
        StormFilter storms = new StormFilter();
        storms.setContext(context);
        storms.start();
        context.addTurboFilter(storms);
        root.addAppender(console(context, level.isGreaterOrEqual(Level.INFO) ? ON_CONSOLE : ON_CONSOLE_IN_FULL));
        root.addAppender(file(context, settings));
        return new Logging(context);
    }

    /// How much is logged now.
    public static LoggingSettings.Level level() {
        Level level = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getLevel();
        return LoggingSettings.Level.valueOf(level.levelStr);
    }

    /// Logs so much from now on. Any thread, at any time.
    public static void setLevel(LoggingSettings.Level wanted) {
        Level level = Level.toLevel(wanted.name());
        context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level);
        for (String name : QUIET) {
            context().getLogger(name).setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        }
    }

    /// Writes out what is still to be said, and ends logging.
    @Override
    public void close() {
        context.stop();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context, String pattern) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget("System.err");
        start(console, context, "console", pattern);
        return console;
    }

    private static RollingFileAppender<ILoggingEvent> file(LoggerContext context, LoggingSettings settings) {
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setFile(settings.directory().resolve(FILE).toString());
        // One file a day, but on a day that alone would fill what all of them may have.
        long largest = settings.maxSize() / PARTS;
        SizeAndTimeBasedRollingPolicy<ILoggingEvent> daily = new SizeAndTimeBasedRollingPolicy<>();
        daily.setContext(context);
        daily.setParent(file);
        daily.setFileNamePattern(settings.directory().resolve(OLD_FILES).toString());
        daily.setMaxHistory(Math.toIntExact(settings.keep().toDays()));
        daily.setMaxFileSize(new FileSize(largest));
        daily.setTotalSizeCap(new FileSize(settings.maxSize() - largest));
        daily.setCleanHistoryOnStart(true);
        file.setRollingPolicy(daily);
        file.setContext(context);
        daily.start();
        start(file, context, "file", IN_FILE);
        return file;
    }

    private static void start(
            OutputStreamAppender<ILoggingEvent> appender, LoggerContext context, String name, String pattern) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(pattern);
        encoder.start();
        appender.setName(name);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
    }

    private static void writable(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            boolean there = Files.exists(file);
            Files.newOutputStream(
                            file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)
                    .close();
            if (!there) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the log file " + file + " (" + e.getClass().getSimpleName()
                            + "): make the folder writable, or set logging.directory to another one",
                    e);
        }
    }
}
