package io.metdc.connectors;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A real connector with other waiting times than the exchange's, which a test has time for.
///
/// @param acknowledgement how long an answer may take; null: as it is
/// @param heartbeat       how often something is said, where the connector says anything; null: as it is
/// @param silence         when a connection is dead; null: as it is
record Tuned(
        @Nullable Duration acknowledgement,
        @Nullable Duration heartbeat,
        @Nullable Duration silence) {

    Connector of(Connector real) {
        return (Connector) Proxy.newProxyInstance(
                Connector.class.getClassLoader(), new Class<?>[] {Connector.class}, (proxy, method, arguments) -> {
                    try {
                        return tuned(method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private @Nullable Object tuned(@Nullable Object answer) {
        if (answer instanceof Limits limits && acknowledgement != null) {
            return new Limits(
                    limits.connections(),
                    limits.instrumentsPerConnection(),
                    limits.maxInstrumentsPerConnection(),
                    limits.instrumentsPerFrame(),
                    limits.frameBytes(),
                    limits.clientFrames(),
                    limits.connects(),
                    acknowledgement,
                    limits.lifetime(),
                    limits.rest());
        }
        if (answer instanceof Endpoint endpoint) {
            return new Endpoint(
                    endpoint.address(),
                    endpoint.headers(),
                    heartbeat != null && endpoint.heartbeat().isPositive() ? heartbeat : endpoint.heartbeat(),
                    silence == null ? endpoint.silence() : silence);
        }
        return answer;
    }
}
