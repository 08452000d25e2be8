package io.metdc.connectors;

import io.metdc.market.Nanos;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks for the address of a host without being held up by it: the system's own look-up knows neither a time-out nor
/// interruption, and would keep a carrier of virtual threads. It runs on a daemon thread, one per host however many
/// connections wait for it.
final class LookUp {
    private static final ConcurrentHashMap<String, CompletableFuture<InetAddress>> UNDER_WAY =
            new ConcurrentHashMap<>();

    private LookUp() {}

    /// Any thread may ask.
    ///
    /// @throws UnknownHostException   when there is no such host
    /// @throws SocketTimeoutException when there is no answer in time
    static InetAddress address(String host, Duration timeout) throws IOException, InterruptedException {
        CompletableFuture<InetAddress> found = UNDER_WAY.computeIfAbsent(host, LookUp::start);
        try {
            return found.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw (IOException) new SocketTimeoutException("no address of " + host + " within " + Nanos.words(timeout))
                    .initCause(e);
        } catch (ExecutionException e) {
            throw (IOException) new UnknownHostException(host).initCause(e.getCause());
        }
    }

    private static CompletableFuture<InetAddress> start(String host) {
        var found = new CompletableFuture<InetAddress>();
        Thread.ofPlatform().daemon().name("look-up-" + host).start(() -> {
            try {
                found.complete(InetAddress.getByName(host));
            } catch (UnknownHostException | RuntimeException e) {
                found.completeExceptionally(e);
            } finally {
                UNDER_WAY.remove(host, found);
            }
        });
        return found;
    }
}
