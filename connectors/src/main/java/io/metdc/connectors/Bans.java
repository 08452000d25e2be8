package io.metdc.connectors;

import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When one exchange may be asked again, and connected to, by whoever asks from this address: who is
/// told to stay away tells it here, and everybody looks here before. With a file it remembers over
/// restarts, also after a kill: the exchange does, and whoever knocks meanwhile may prolong it.
///
/// ```
/// told:  one connection ── SAME ──▶ connects of all markets      one request ── SAME ──▶ requests of its market
///                                                                            ── REQUESTS ──▶ of all markets
///        either ── EXCHANGE ──▶ everything
/// ```
///
/// A ban whose length nobody states is as long as the codes of the exchange say at first, and each
/// further one that comes within [#QUIET] after the last one's end twice as long as the one before, up
/// to a longest. A block, which only a person can mend, is looked at again every [#BLOCK]: it is of a
/// market's connects or requests, and not remembered over restarts, since a person may have mended it
/// by then.
///
/// Time is measured on the monotonic clock; the other one is asked at a restart alone. Any thread may
/// call it.
public final class Bans {
    /// After so long without one, the next ban of an unknown length is as long as the first again.
    static final Duration QUIET = Duration.ofMinutes(3);

    /// How often it is looked whether a block is over.
    static final Duration BLOCK = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(Bans.class);

    private static final String HEAD = "metdc bans 1";
    private static final String EVERYTHING = "everything";
    private static final String CONNECTS = "connects";
    private static final String REQUESTS = "requests";
    private static final Pattern LINE = Pattern.compile(
            "(everything|connects|requests(?:-[a-z]+)?)\\t(\\d{1,15})\\t(\\d{1,12})\\t(stated|unstated)\\t(.*)");

    private final Duration longest;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Map<String, Kept> kept = new HashMap<>(); // by what is kept away from; under the lock
    private @Nullable Path file; // under the lock

    /// What is done with an exchange.
    public enum Doing {
        /// Opening a connection.
        CONNECT,
        /// Asking by REST.
        REQUEST
    }

    /// @param end   by the monotonic clock
    /// @param pause how long it was, from when it was told
    private record Kept(Failure failure, long end, Duration pause) {}

    /// Nothing is known yet, and nothing is remembered.
    ///
    /// @param longest the longest ban of those whose length nobody states
    public Bans(Duration longest, InstantSource clock) {
        this(longest, clock, System::nanoTime);
    }

    Bans(Duration longest, InstantSource clock, LongSupplier nanos) {
        this.longest = longest;
        this.clock = clock;
        this.nanos = nanos;
    }

    /// Goes on where the last process left it. That its file cannot be used is said in the log and
    /// stops nothing.
    ///
    /// @param file    of this exchange alone
    /// @param longest the longest ban of those whose length nobody states
    public static Bans remembering(Path file, Duration longest, InstantSource clock) {
        return remembering(file, longest, clock, System::nanoTime);
    }

    static Bans remembering(Path file, Duration longest, InstantSource clock, LongSupplier nanos) {
        Bans bans = new Bans(longest, clock, nanos);
        bans.recall(file);
        return bans;
    }

    /// Refuses to let anybody knock while a ban or a block lasts.
    ///
    /// @throws FeedException with how long it still lasts
    public void check(Doing doing, Market market) throws FeedException {
        Kept longest = null;
        long now = nanos.getAsLong();
        synchronized (this) {
            for (String area : areas(doing, market)) {
                Kept one = kept.get(area);
                if (one != null && one.end - now > 0 && (longest == null || one.end - longest.end > 0)) {
                    longest = one;
                }
            }
        }
        if (longest != null) {
            throw new FeedException(
                    longest.failure instanceof Failure.Ban ban
                            ? ban.lasting(Duration.ofNanos(longest.end - now))
                            : longest.failure);
        }
    }

    /// Somebody was told something: a ban or a block is kept to from now on, by all.
    ///
    /// @return the failure, a ban with the length that it has here
    public Failure told(Doing doing, Market market, Failure failure) {
        return switch (failure) {
            case Failure.Ban ban when ban.extent() == Failure.Extent.CONNECTION -> ban;
            case Failure.Ban ban -> banned(area(doing, market, ban.extent()), ban);
            case Failure.Fatal fatal
            when fatal.isBlock() -> {
                synchronized (this) {
                    kept.put(block(doing, market), new Kept(fatal, nanos.getAsLong() + BLOCK.toNanos(), BLOCK));
                }
                yield fatal;
            }
            case Failure.Fatal _, Failure.Recoverable _ -> failure;
        };
    }

    private synchronized Failure.Ban banned(String area, Failure.Ban ban) {
        long now = nanos.getAsLong();
        Kept last = kept.get(area);
        long left = last == null ? 0 : last.end - now;
        Duration pause = ban.isStated() ? ban.pause() : next(last, left, ban.pause());
        if (left >= pause.toNanos()) { // of several that were under way, each hears of it
            return ban.lasting(Duration.ofNanos(left));
        }
        Failure.Ban longer = ban.lasting(pause);
        kept.put(area, new Kept(longer, now + pause.toNanos(), pause));
        remember(now);
        return longer;
    }

    private Duration next(@Nullable Kept last, long left, Duration first) {
        if (last == null
                || left <= -QUIET.toNanos()
                || !(last.failure instanceof Failure.Ban before)
                || before.isStated()) {
            return first;
        }
        if (left > 0) {
            return Duration.ZERO; // one that was under way is told of the same ban
        }
        Duration twice = last.pause.multipliedBy(2);
        Duration most = longest.compareTo(first) > 0 ? longest : first;
        return twice.compareTo(most) > 0 ? most : twice;
    }

    private static List<String> areas(Doing doing, Market market) {
        return switch (doing) {
            case CONNECT -> List.of(EVERYTHING, CONNECTS, block(doing, market));
            case REQUEST -> List.of(EVERYTHING, REQUESTS, ofMarket(market.type()), block(doing, market));
        };
    }

    private static String area(Doing doing, Market market, Failure.Extent extent) {
        return switch (extent) {
            case EXCHANGE -> EVERYTHING;
            case SAME, CONNECTION -> doing == Doing.CONNECT ? CONNECTS : ofMarket(market.type());
            case REQUESTS -> doing == Doing.CONNECT ? CONNECTS : REQUESTS;
        };
    }

    private static String ofMarket(MarketType type) {
        return REQUESTS + "-" + type.id();
    }

    private static String block(Doing doing, Market market) {
        return "block-" + doing + "-" + market.type().id();
    }

    // ---- over restarts

    private synchronized void recall(Path path) {
        file = path;
        try {
            if (!Files.exists(path)) {
                return;
            }
            List<String> lines = Files.readAllLines(path, StandardCharsets.UTF_8);
            if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
                log.warn("{} is no record of bans and is begun anew", path);
                return;
            }
            long now = nanos.getAsLong();
            long millis = clock.millis();
            lines.subList(1, lines.size()).forEach(line -> recall(line, now, millis));
        } catch (IOException e) {
            log.warn("which bans last cannot be known: {}", e.toString());
        }
    }

    private void recall(String line, long now, long millis) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            return; // half of one, written when the disk was full
        }
        Duration pause = RetryAfter.bounded(Duration.ofMillis(Long.parseLong(matcher.group(3))));
        // a clock that was set back makes no ban longer
        long left = Math.min(Long.parseLong(matcher.group(2)) - millis, pause.toMillis());
        String area = matcher.group(1);
        boolean isStated = matcher.group(4).equals("stated");
        Failure.Extent extent = area.equals(EVERYTHING) ? Failure.Extent.EXCHANGE : Failure.Extent.SAME;
        Failure.Ban ban = new Failure.Ban(matcher.group(5), pause, isStated, extent, null);
        if (left > -QUIET.toMillis()) {
            kept.put(area, new Kept(ban, now + TimeUnit.MILLISECONDS.toNanos(left), pause));
        }
        if (left > 0) {
            log.warn(
                    "a ban from before the start still lasts {} s: {}",
                    Instant.ofEpochMilli(left).getEpochSecond(),
                    ban.what());
        }
    }

    private void remember(long now) {
        Path path = file;
        if (path == null) {
            return;
        }
        List<String> lines = new ArrayList<>(List.of(HEAD));
        kept.forEach((area, one) -> {
            if (one.failure instanceof Failure.Ban ban) {
                lines.add(String.join(
                        "\t",
                        area,
                        Long.toString(clock.millis() + TimeUnit.NANOSECONDS.toMillis(one.end - now)),
                        Long.toString(one.pause.toMillis()),
                        ban.isStated() ? "stated" : "unstated",
                        ban.what().replaceAll("\\s+", " ")));
            }
        });
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Path next = path.resolveSibling(path.getFileName() + ".new");
            Files.write(next, lines, StandardCharsets.UTF_8);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("a ban is not remembered over a restart: {}", e.toString());
        }
    }
}
