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

/// Makes one line a minute of a storm of events.
///
/// Identical ones, from one thread and logger, with one level and one message, arguments included: the first is logged
/// as
/// it is, the rest of its minute is counted, and the count is logged at the end of that minute. Those of one kind,
/// which
/// differ in their arguments only: some dozen a minute are logged as they are, the rest is counted, and from then on
/// one line a minute has the last of them and their count, until they are few again.
///
/// ```
/// hole of BTCUSDT found      …      hole of XRPUSDT found [4,950 more of this kind in 60 s]      the same a minute
/// later …
/// ```
///
/// Whoever asks for DEBUG wants more of a kind, and every line of TRACE. Thread-safe.
final class StormFilter extends TurboFilter {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /// More different events than this in a minute are no storm of one event; they pass.
    private static final int MOST_EVENTS = 1_000;

    /// So many different events of one kind in a minute are no storm.
    private static final int OF_A_KIND = 60;

    private static final int OF_A_KIND_BELOW_INFO = 600;

    private final LongSupplier nanoTime;
    private final Map<Event, Repeats> events = new LinkedHashMap<>(); // oldest first; guarded by itself, as the next
    private final Map<Kind, Storm> kinds = new LinkedHashMap<>(); // oldest first
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

    private record Kind(String thread, Logger logger, Level level, String format) {}

    private static final class Storm {
        final long since;
        final boolean rages; // it did in the minute before
        int passed;
        int count;
        String last = "";

        Storm(long since, boolean rages) {
            this.since = since;
            this.rages = rages;
        }
    }

    private record Report(Event event, int count, String what, long seconds) {}

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
                || !level.isGreaterOrEqual(Level.DEBUG)
                || !level.isGreaterOrEqual(logger.getEffectiveLevel())
                || reporting.get()) {
            return FilterReply.NEUTRAL;
        }
        report(takeEnded());
        String message = arguments == null ? format : MessageFormatter.basicArrayFormat(format, arguments);
        Event event = new Event(Thread.currentThread().getName(), logger, level, message);
        synchronized (events) {
            boolean counts = level.isGreaterOrEqual(Level.INFO);
            Repeats repeats = counts ? events.get(event) : null;
            if (repeats != null) {
                repeats.count++;
                return FilterReply.DENY;
            }
            if (isOfAStorm(new Kind(event.thread, logger, level, format), message)) {
                return FilterReply.DENY;
            }
            if (counts && events.size() < MOST_EVENTS) {
                events.put(event, new Repeats(nanoTime.getAsLong()));
            }
            return FilterReply.NEUTRAL;
        }
    }

    private boolean isOfAStorm(Kind kind, String message) {
        Storm storm = kinds.get(kind);
        if (storm == null) {
            if (kinds.size() >= MOST_EVENTS) {
                return false;
            }
            storm = new Storm(nanoTime.getAsLong(), false);
            kinds.put(kind, storm);
        }
        if (!storm.rages && storm.passed < most(kind.level)) {
            storm.passed++;
            return false;
        }
        storm.count++;
        storm.last = message;
        return true;
    }

    private static int most(Level level) {
        return level.isGreaterOrEqual(Level.INFO) ? OF_A_KIND : OF_A_KIND_BELOW_INFO;
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
                ended.add(new Report(entry.getKey(), entry.getValue().count, "", MINUTE / 1_000_000_000));
                oldest.remove();
            }
            Map<Kind, Storm> over = new LinkedHashMap<>();
            for (var entry : kinds.entrySet()) {
                if (now - entry.getValue().since < MINUTE) {
                    break;
                }
                over.put(entry.getKey(), entry.getValue());
            }
            over.forEach((kind, storm) -> {
                kinds.remove(kind);
                ended.add(report(kind, storm, MINUTE / 1_000_000_000));
                if (storm.count + storm.passed > most(kind.level)) {
                    kinds.put(kind, new Storm(now, true));
                }
            });
        }
        return ended;
    }

    private List<Report> takeAll() {
        List<Report> all = new ArrayList<>();
        synchronized (events) {
            long now = nanoTime.getAsLong();
            events.forEach(
                    (event, repeats) -> all.add(new Report(event, repeats.count, "", seconds(now - repeats.since))));
            kinds.forEach((kind, storm) -> all.add(report(kind, storm, seconds(now - storm.since))));
            events.clear();
            kinds.clear();
        }
        return all;
    }

    private static long seconds(long nanos) {
        return Math.max(1, nanos / 1_000_000_000);
    }

    private static Report report(Kind kind, Storm storm, long seconds) {
        Event last = new Event(kind.thread, kind.logger, kind.level, storm.last);
        return new Report(last, storm.count, " of this kind", seconds);
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
                        "{}{} [{} more{} in {} s]",
                        new Object[] {thread, event.message, report.count, report.what, report.seconds},
                        null);
            } finally {
                reporting.remove();
            }
        }
    }

    @Override
    public String toString() {
        return "StormFilter" + Arrays.toString(new int[] {events.size(), kinds.size()});
    }
}
