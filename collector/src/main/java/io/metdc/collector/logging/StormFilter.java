package io.metdc.collector.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/// Makes one line a minute of a storm of identical events: the first is logged as it is, the rest of its
/// minute is counted, and the count is logged at the end of that minute. Identical events come from one
/// thread and logger, with one level and one message, arguments included.
///
/// Lines below INFO pass, since whoever asks for them wants them all. Thread-safe.
final class StormFilter extends TurboFilter {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /// More different events than this in a minute are no storm of one event; they pass.
    private static final int MOST_EVENTS = 1_000;

    private final LongSupplier nanoTime;
    private final Map<Event, Repeats> events = new LinkedHashMap<>(); // oldest first
    private final ThreadLocal<Boolean> reporting = ThreadLocal.withInitial(() -> false);

    private @Nullable ScheduledFuture<?> timer;

    StormFilter() {
        this(System::nanoTime);
    }

    StormFilter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private record Event(String thread, Logger logger, Level level, String message) {}

    private static final class Repeats {
        final long since;
        int count;

        Repeats(long since) {
            this.since = since;
        }
    }

    private record Report(Event event, int count, long seconds) {}

    @Override
    public void start() {
        super.start();
        timer = getContext()
                .getScheduledExecutorService()
                .scheduleAtFixedRate(() -> report(takeEnded()), 5, 5, TimeUnit.SECONDS);
    }

    @Override
    public void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
        report(takeAll());
        super.stop();
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable throwable) {
        if (format == null
                || !isStarted()
                || !level.isGreaterOrEqual(Level.INFO)
                || !level.isGreaterOrEqual(logger.getEffectiveLevel())
                || reporting.get()) {
            return FilterReply.NEUTRAL;
        }
        report(takeEnded());
        Event event = new Event(
                Thread.currentThread().getName(),
                logger,
                level,
                arguments == null ? format : MessageFormatter.basicArrayFormat(format, arguments));
        synchronized (events) {
            Repeats repeats = events.get(event);
            if (repeats != null) {
                repeats.count++;
                return FilterReply.DENY;
            }
            if (events.size() < MOST_EVENTS) {
                events.put(event, new Repeats(nanoTime.getAsLong()));
            }
            return FilterReply.NEUTRAL;
        }
    }

    /// The events whose minute is over.
    private List<Report> takeEnded() {
        List<Report> ended = new ArrayList<>();
        synchronized (events) {
            long now = nanoTime.getAsLong();
            var oldest = events.entrySet().iterator();
            while (oldest.hasNext()) {
                var entry = oldest.next();
                if (now - entry.getValue().since < MINUTE) {
                    break;
                }
                ended.add(new Report(entry.getKey(), entry.getValue().count, MINUTE / 1_000_000_000));
                oldest.remove();
            }
        }
        return ended;
    }

    private List<Report> takeAll() {
        List<Report> all = new ArrayList<>();
        synchronized (events) {
            long now = nanoTime.getAsLong();
            events.forEach((event, repeats) ->
                    all.add(new Report(event, repeats.count, Math.max(1, (now - repeats.since) / 1_000_000_000))));
            events.clear();
        }
        return all;
    }

    /// Outside of the lock, since the appenders have locks of their own.
    private void report(List<Report> reports) {
        for (Report report : reports) {
            if (report.count == 0) {
                continue;
            }
            reporting.set(true);
            try {
                Event event = report.event;
                String thread = event.thread.equals(Thread.currentThread().getName()) ? "" : event.thread + ": ";
                event.logger.log(
                        null,
                        StormFilter.class.getName(),
                        Level.toLocationAwareLoggerInteger(event.level),
                        "{}{} [{} more in {} s]",
                        new Object[] {thread, event.message, report.count, report.seconds},
                        null);
            } finally {
                reporting.remove();
            }
        }
    }

    @Override
    public String toString() {
        return "StormFilter" + Arrays.toString(new int[] {events.size()});
    }
}
