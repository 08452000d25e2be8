package io.metdc.collector;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Instrument;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The connections that carry the same instruments: one, or two so that either may be away, and for a while the
/// replacement of one of them. What is said to a shard is said to all of its workers. Used by the keeper of its
/// [Pool].
final class Shard {
    private final Map<SafeWorker, Thread> workers = new LinkedHashMap<>();
    private final Map<Instrument.Key, Instrument> carried = new LinkedHashMap<>();
    private @Nullable SafeWorker incoming; // about to replace one of the others
    private int most;

    /// @param workers     for the same instruments; each gets a thread of its name
    /// @param most        how many instruments each of them carries
    /// @param instruments that each of them has from the beginning
    Shard(List<SafeWorker> workers, int most, List<Instrument> instruments) {
        this.most = most;
        instruments.forEach(instrument -> carried.put(instrument.key(), instrument));
        workers.forEach(this::add);
    }

    private void add(SafeWorker worker) {
        workers.put(worker, Thread.ofVirtual().name(worker.name()).unstarted(worker));
    }

    /// Begins with one of the connections.
    void start(int connection) {
        List.copyOf(workers.values()).get(connection).start();
    }

    /// One of the connections is to have a successor, which begins at once.
    void begin(SafeWorker successor) {
        incoming = successor;
        add(successor);
        Objects.requireNonNull(workers.get(successor)).start();
    }

    /// The successor has taken over, or is given up.
    ///
    /// @param over who is not needed any more; it ends by itself
    /// @return its thread
    @Nullable
    Thread end(SafeWorker over, DisconnectCause cause) {
        incoming = null;
        Thread thread = workers.remove(over);
        over.retire(cause);
        return thread;
    }

    /// Nobody needs it any more: its workers end by themselves, also those that are away.
    void retire(DisconnectCause cause) {
        workers.keySet().forEach(worker -> worker.retire(cause));
    }

    /// Whether one of its connections carries something now.
    boolean isUp() {
        return workers.keySet().stream().anyMatch(worker -> worker.subscribedTicks() != null);
    }

    /// Those that are to carry the instruments, without a successor that has not taken over.
    List<SafeWorker> workers() {
        List<SafeWorker> settled = new ArrayList<>(workers.keySet());
        settled.remove(incoming);
        return settled;
    }

    List<Thread> threads() {
        return List.copyOf(workers.values());
    }

    List<Instrument> instruments() {
        return List.copyOf(carried.values());
    }

    int carried() {
        return carried.size();
    }

    boolean hasRoom() {
        return carried.size() < most && workers.values().stream().anyMatch(Thread::isAlive);
    }

    boolean has(SafeWorker worker) {
        return workers.containsKey(worker);
    }

    /// Takes one more instrument, or one that it has already once more, which wakes up a market that did not exist
    /// before.
    void subscribe(Instrument instrument) {
        carried.put(instrument.key(), instrument);
        workers.keySet().forEach(worker -> worker.join(instrument));
    }

    /// Ends an instrument; with the last one the connections end, too.
    void remove(Instrument instrument) {
        carried.remove(instrument.key());
        workers.keySet().forEach(worker -> worker.leave(instrument));
    }

    /// One of the connections has no room for an instrument: the other one leaves it, too, and no more than the rest
    /// fit on either from now on.
    void removeForWantOfRoom(Instrument instrument) {
        remove(instrument);
        most = carried.size();
    }

    /// An instrument has other terms.
    void retell(Instrument instrument) {
        carried.replace(instrument.key(), instrument);
        workers.keySet().forEach(worker -> worker.retell(instrument));
    }
}
