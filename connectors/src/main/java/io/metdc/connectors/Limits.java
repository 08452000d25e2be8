package io.metdc.connectors;

import java.time.Duration;

/// What an exchange allows on one market, each figure with its source where the constant stands.
///
/// @param connections                 how many connections one address may hold, or [#NO_LIMIT] where none is published
/// @param instrumentsPerConnection    how many instruments one connection carries by default
/// @param maxInstrumentsPerConnection how many the exchange allows, the bound of what may be configured
/// @param instrumentsPerFrame         how many one subscribe frame may name
/// @param frameBytes                  how long a subscribe frame may be, UTF-8
/// @param clientFrames                how fast frames may be sent on one connection
/// @param connects                    how fast connections may be opened from one address
/// @param acknowledgement             how long the answer to a request may take
/// @param lifetime                    after how long the exchange closes every connection
/// @param rest                        how much REST weight is spent from one address: a tenth less than is allowed,
///                                    since requests are not as long on their way as each other
public record Limits(
        int connections,
        int instrumentsPerConnection,
        int maxInstrumentsPerConnection,
        int instrumentsPerFrame,
        int frameBytes,
        Rate clientFrames,
        Rate connects,
        Duration acknowledgement,
        Duration lifetime,
        Rate rest) {

    /// Where the exchange publishes no figure.
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    public Limits {
        if (connections < 1
                || instrumentsPerConnection < 1
                || maxInstrumentsPerConnection < instrumentsPerConnection
                || instrumentsPerFrame < 1
                || frameBytes < 1) {
            throw new IllegalArgumentException("limits that allow nothing");
        }
    }

    /// So many in so long, with no more than `count` in any window of that length.
    public record Rate(int count, Duration per) {
        public Rate {
            if (count < 1 || !per.isPositive()) {
                throw new IllegalArgumentException("a rate of " + count + " per " + per);
            }
        }
    }
}
