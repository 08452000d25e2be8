package io.metdc.collector;

import io.metdc.market.Instrument;
import java.util.ArrayList;
import java.util.List;

/// The connections that carry the same instruments: one, or two so that either may be away. What is said to a shard is
/// said to all of its workers. Used by the keeper of its [Pool].
final class Shard {
    private final List<SafeWorker> workers;
    private final List<Thread> threads = new ArrayList<>();
    private int most;
    private int carried;

    /// @param workers for the same instruments; each gets a thread of its name
    /// @param most    how many instruments each of them carries
    /// @param carried how many each of them has from the beginning
    Shard(List<SafeWorker> workers, int most, int carried) {
        this.workers = List.copyOf(workers);
        this.most = most;
        this.carried = carried;
        for (SafeWorker worker : workers) {
            threads.add(Thread.ofVirtual().name(worker.name()).unstarted(worker));
        }
    }

    /// Begins with one of the connections.
    void start(int connection) {
        threads.get(connection).start();
    }

    List<SafeWorker> workers() {
        return workers;
    }

    List<Thread> threads() {
        return threads;
    }

    int carried() {
        return carried;
    }

    boolean hasRoom() {
        return carried < most && threads.stream().anyMatch(Thread::isAlive);
    }

    boolean has(String worker) {
        return workers.stream().anyMatch(one -> one.name().equals(worker));
    }

    /// Takes one more instrument.
    void add(Instrument instrument) {
        carried++;
        subscribe(instrument);
    }

    /// Subscribes an instrument that it has already once more, which wakes up a market that did not exist before.
    void subscribe(Instrument instrument) {
        workers.forEach(worker -> worker.join(instrument));
    }

    /// Ends an instrument; with the last one the connections end, too.
    void remove(Instrument instrument) {
        carried--;
        workers.forEach(worker -> worker.leave(instrument));
    }

    /// One of the connections has no room for an instrument: the other one leaves it, too, and no more than the rest
    /// fit on either from now on.
    void removeForWantOfRoom(Instrument instrument) {
        remove(instrument);
        most = carried;
    }

    /// An instrument has other terms.
    void retell(Instrument instrument) {
        workers.forEach(worker -> worker.retell(instrument));
    }
}
