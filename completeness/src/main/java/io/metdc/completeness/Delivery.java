package io.metdc.completeness;

import io.metdc.market.Origin;
import io.metdc.market.Trade;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.concurrent.TimeUnit;

/// Whether an instrument whose numbers prove nothing is carried by a connection, and since when it may lack trades.
/// While one carries it without a break nothing is missing; between two of them something may be.
///
/// ```
/// carried ── the last connection breaks ──▶ broken: suspect since the last trade ── carried again ──▶ a hole
/// ```
///
/// Used by the journal thread.
final class Delivery {
    /// The exchange's clock may be so much behind ours, its way to us included.
    private static final long CLOCKS_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// A trade takes less longer than the one before it.
    private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int COLLECTED = 1;
    private static final int UNPROVEN = 2;

    private final Rhythm rhythm = new Rhythm();
    private boolean collected;
    private final IdentityHashMap<Ring, Long> carriers = new IdentityHashMap<>(2); // since when, our clock
    private long lastExecutedNanos; // of its trades, the exchange's clock; 0 without one
    private long behindNanos; // of the last trade's execution by the exchange's clock to its receipt by ours
    private long aliveNanos; // when it surely was carried, our clock; 0 if never
    private long suspectSinceNanos;
    private String cause = Gap.RESTART;
    private boolean silent;
    private boolean unproven; // the journal says so of the trades that follow

    /// A trade was journaled that came on a connection which carries it.
    ///
    /// @return the executed time of the last trade before it, when it ended a silence, in all of which some may
    ///         be missing; else 0
    long traded(Trade trade) {
        long before = silent && trade.origin() == Origin.STREAM ? lastExecutedNanos : 0;
        lastExecutedNanos = Math.max(lastExecutedNanos, trade.executedAtNanos());
        if (trade.origin() == Origin.STREAM) {
            rhythm.traded(trade.receivedAtNanos());
            behindNanos = Math.clamp(trade.receivedAtNanos() - trade.executedAtNanos(), 0, CLOCKS_NANOS);
            silent = false;
        }
        return before;
    }

    /// A trade is to be journaled that came on a connection which does not carry it yet.
    ///
    /// @return whether the journal is to say so before it
    boolean isFirstUnproven(Trade trade) {
        boolean isFirst = !unproven && trade.origin() == Origin.STREAM;
        unproven |= isFirst;
        return isFirst;
    }

    /// Takes up what was journaled, trade by trade. Only of those of a stream nobody would know otherwise.
    void replayed(Trade trade) {
        if (!unproven && trade.origin() == Origin.STREAM) {
            traded(trade);
        }
    }

    /// The journal calls the trades that follow unproven, or no longer.
    void unproven(boolean value) {
        unproven = value;
    }

    /// Whether it is to be journaled that it is collected from now on.
    boolean isNew() {
        return !collected;
    }

    /// Whether the journal calls trades unproven.
    boolean isUnproven() {
        return unproven;
    }

    /// It is collected from now on, or no longer.
    void collected(boolean begins, long atNanos) {
        collected = begins;
        unproven = false;
        if (begins) {
            aliveNanos = Math.max(aliveNanos, atNanos);
        }
    }

    /// All connections of the run before are gone.
    void restarted() {
        carriers.clear();
        if (collected) {
            broken(Gap.RESTART);
        }
    }

    /// One more connection carries it.
    ///
    /// @return whether there may be a hole before that: see [#suspectSinceNanos()] and [#cause()]
    boolean carried(Ring by, long atNanos) {
        boolean suspect = isBroken();
        carriers.put(by, atNanos);
        aliveNanos = Math.max(aliveNanos, atNanos);
        rhythm.interrupted(atNanos);
        silent = false;
        return suspect;
    }

    /// Whether no connection carries it although one should.
    boolean isBroken() {
        return collected && carriers.isEmpty() && suspectSinceNanos > 0;
    }

    /// One less carries it, since that connection broke.
    ///
    /// @param atNanos when it last gave anything, our clock
    /// @return since when another one carries it, when nobody did for a while before: the one that broke was dead
    ///         longer than anybody knew; else 0
    long broke(Ring by, long atNanos) {
        aliveNanos = Math.max(aliveNanos, atNanos);
        if (carriers.remove(by) == null) {
            return 0;
        }
        if (carriers.isEmpty()) {
            broken(Gap.DISCONNECT);
            return 0;
        }
        long since = carriers.values().stream().mapToLong(at -> at).min().orElse(0);
        return since > atNanos ? since : 0;
    }

    /// What was executed before that, by the exchange's clock, was received before a time by ours.
    long executedBefore(long atNanos) {
        return atNanos - behindNanos - DELAY_NANOS;
    }

    /// Nobody wants it on a connection.
    void left(Ring by) {
        carriers.remove(by);
        if (carriers.isEmpty()) {
            collected = false;
            suspectSinceNanos = 0;
        }
    }

    /// Executed time of the last trade that surely came, by the exchange's clock; without any trade a time, surely
    /// before the break, by ours.
    long suspectSinceNanos() {
        return suspectSinceNanos;
    }

    String cause() {
        return cause;
    }

    /// Whether it is carried and has been without a trade for too long, and that is not known yet.
    boolean fellSilent(long nowNanos) {
        if (carriers.isEmpty() || silent || !rhythm.isTooLong(nowNanos)) {
            return false;
        }
        silent = true;
        return true;
    }

    /// It is proven that trades do not come: until one does, that is a silence.
    ///
    /// @return whether that was not known yet
    boolean isSilencedNow() {
        boolean isNew = !silent;
        silent |= carriers.size() == 1;
        return isNew;
    }

    /// Whether it is known that its trades do not come.
    boolean isSilent() {
        return silent;
    }

    /// When it was last known to be carried, our clock; 0 if never.
    long aliveNanos() {
        return aliveNanos;
    }

    /// Executed time of its last trade; 0 without one.
    long lastExecutedNanos() {
        return lastExecutedNanos;
    }

    private void broken(String why) {
        cause = why;
        if (lastExecutedNanos > 0) {
            suspectSinceNanos = lastExecutedNanos;
        } else {
            suspectSinceNanos = aliveNanos > 0 ? aliveNanos - CLOCKS_NANOS : 0;
        }
    }

    void save(DataOutputStream out) throws IOException {
        out.writeByte((collected ? COLLECTED : 0) | (unproven ? UNPROVEN : 0));
        out.writeLong(lastExecutedNanos);
        out.writeLong(aliveNanos);
    }

    /// Takes over what [#save] wrote.
    void restore(DataInputStream in) throws IOException {
        int flags = in.readByte();
        collected = (flags & COLLECTED) != 0;
        unproven = (flags & UNPROVEN) != 0;
        lastExecutedNanos = in.readLong();
        aliveNanos = in.readLong();
    }
}
