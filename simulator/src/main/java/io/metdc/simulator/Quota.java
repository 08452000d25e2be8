package io.metdc.simulator;

import io.metdc.market.Market;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/// What each client may use of something in a stretch of time, and what becomes of one who uses more. Any
/// thread may call it.
final class Quota {
    private static final int MAX_CLIENTS = 1_000;
    private static final int MAX_DOUBLINGS = 11;
    /// Who was not refused for so long begins anew.
    private static final long FORGOTTEN_NANOS = 60 * Nanos.PER_SECOND;

    private final Limit limit;
    private final int most;
    private final long perNanos;
    private final boolean isSliding;
    private final Penalty penalty;
    private final Breaches breaches;
    /// Guarded by itself.
    private final Map<String, Usage> usage = new HashMap<>();

    /// What becomes of one who uses more.
    ///
    /// @param refused     what he gets until the next stretch of time
    /// @param patience    how often he is refused before he is banned
    /// @param ban         how long he gets nothing then; zero: he is never banned
    /// @param isProlonged whether each attempt begins the ban anew
    /// @param isDoubled   whether each ban is twice as long as the one before
    /// @param banned      what he gets meanwhile
    record Penalty(String refused, int patience, Duration ban, boolean isProlonged, boolean isDoubled, String banned) {
        /// Nothing but a refusal.
        static Penalty refusal(String refused) {
            return new Penalty(refused, 0, Duration.ZERO, false, false, refused);
        }

        /// 429 ten times, then 418 for so long, twice as long the next time, and begun anew by each attempt.
        static Penalty ban(Duration first) {
            return new Penalty("HTTP 429", 10, first, true, true, "HTTP 418");
        }
    }

    /// What a client got.
    ///
    /// @param used       in this stretch of time, this time included
    /// @param left       what is left; negative: the client gets nothing
    /// @param isBanned   whether that is a ban
    /// @param againNanos how long it is until the client gets something again; 0 while it gets it
    record Taken(int used, int left, boolean isBanned, long againNanos) {
        boolean isRefused() {
            return left < 0;
        }

        /// The same in whole seconds, rounded up.
        long againSeconds() {
            return Math.ceilDiv(againNanos, Nanos.PER_SECOND);
        }
    }

    private static final class Usage {
        private long window = Long.MIN_VALUE;
        private int used;
        private final ArrayDeque<Long> times = new ArrayDeque<>();
        private int refusals;
        private long refusedAtNanos;
        private int bans;
        private long bannedUntilNanos = Long.MIN_VALUE;
    }

    private Quota(Limit limit, int most, Duration per, boolean isSliding, Penalty penalty, Breaches breaches) {
        this.limit = limit;
        this.most = most;
        perNanos = per.toNanos();
        this.isSliding = isSliding;
        this.penalty = penalty;
        this.breaches = breaches;
    }

    /// Counts in stretches of the clock: whole minutes, whole seconds.
    static Quota ofStretches(Limit limit, int most, Duration per, Penalty penalty, Breaches breaches) {
        return new Quota(limit, most, per, false, penalty, breaches);
    }

    /// Counts in any stretch of this length, one at a time.
    static Quota ofAnyStretch(Limit limit, int most, Duration per, Penalty penalty, Breaches breaches) {
        return new Quota(limit, most, per, true, penalty, breaches);
    }

    int most() {
        return most;
    }

    /// Uses some of it.
    ///
    /// @param market where a breach is entered
    Taken take(Market market, String client, int weight, long nowNanos) {
        synchronized (usage) {
            if (usage.size() > MAX_CLIENTS) {
                usage.clear();
            }
            Usage by = usage.computeIfAbsent(client, _ -> new Usage());
            long againNanos = isSliding ? slide(by, nowNanos) : stretch(by, weight, nowNanos);
            boolean isBanned = nowNanos < by.bannedUntilNanos;
            if (!isBanned && by.used <= most) {
                return new Taken(by.used, most - by.used, false, 0);
            }
            if (nowNanos - by.refusedAtNanos >= FORGOTTEN_NANOS) {
                by.refusals = 0;
            }
            by.refusedAtNanos = nowNanos;
            boolean bans = !isBanned && penalty.ban().isPositive() && ++by.refusals > penalty.patience();
            if (bans) {
                by.bans++;
            }
            if (bans || (isBanned && penalty.isProlonged())) {
                int doublings = penalty.isDoubled() ? Math.min(by.bans - 1, MAX_DOUBLINGS) : 0;
                by.bannedUntilNanos = nowNanos + (penalty.ban().toNanos() << doublings);
            }
            boolean banned = isBanned || bans;
            breaches.enter(market, limit, by.used, most, banned ? penalty.banned() : penalty.refused(), nowNanos);
            return new Taken(
                    by.used,
                    Math.min(-1, most - by.used),
                    banned,
                    banned ? by.bannedUntilNanos - nowNanos : againNanos);
        }
    }

    private long stretch(Usage by, int weight, long nowNanos) {
        long window = Math.floorDiv(nowNanos, perNanos);
        if (by.window != window) {
            by.window = window;
            by.used = 0;
        }
        by.used += weight;
        return nanosLeft(nowNanos);
    }

    /// One more attempt, refused ones counted too.
    private long slide(Usage by, long nowNanos) {
        while (!by.times.isEmpty() && nowNanos - by.times.getFirst() >= perNanos) {
            by.times.removeFirst();
        }
        by.used = by.times.size() + 1;
        long againNanos = by.used <= most ? 0 : perNanos - (nowNanos - by.times.getFirst());
        by.times.addLast(nowNanos);
        if (by.times.size() > most) {
            by.times.removeFirst();
        }
        return againNanos;
    }

    /// How long it is until the next stretch begins.
    long nanosLeft(long nowNanos) {
        return perNanos - Math.floorMod(nowNanos, perNanos);
    }
}
