package io.metdc.connectors;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The names of this test run: those under `silent.invalid` are not answered until told so, all others are the
/// system's.
public final class SilentNames extends InetAddressResolverProvider {
    static final AtomicInteger ASKED = new AtomicInteger();
    private static volatile CompletableFuture<@Nullable Void> answer = CompletableFuture.completedFuture(null);

    /// From now on there is no answer, until the end of this.
    static AutoCloseable silence() {
        var silent = new CompletableFuture<@Nullable Void>();
        answer = silent;
        ASKED.set(0);
        return () -> silent.complete(null);
    }

    @Override
    public String name() {
        return "silent names";
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (!host.endsWith("silent.invalid")) {
                    return system.lookupByName(host, policy);
                }
                ASKED.incrementAndGet();
                answer.join(); // as the system does: deaf to interruption
                throw new UnknownHostException(host);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }
}
